import type { CircuitStatus } from './circuit-messages.ts'
import type { CircuitRecord } from './circuit-table.ts'

/** Why a reservation ended. */
export type ReservationEndReason = 'disconnected' | 'expired' | 'revoked' | 'banned' | 'stopped'

/**
 * Why a circuit ended: both ends closed it; one end reset it; one end is gone; a limit was reached; nobody used it for too long;
 * one end belongs to another app now; an operator closed it; the relay needs its memory; the relay
 * stops.
 */
export type CircuitCloseReason =
  | 'ended'
  | 'reset'
  | 'disconnected'
  | 'data-limit'
  | 'duration-limit'
  | 'buffer-limit'
  | 'idle'
  | 'other-app'
  | 'closed'
  | 'revoked'
  | 'banned'
  | 'overloaded'
  | 'stopped'

/** Why a request was refused, finer than its status. */
export type CircuitRefusalReason =
  | 'malformed'
  | 'unexpected-message'
  | 'over-a-circuit'
  | 'rate'
  | 'denied'
  | 'other-app'
  | 'app-not-served'
  | 'to-itself'
  | 'reservations-full'
  | 'overloaded'
  | 'no-reservation'
  | 'caller-circuits'
  | 'target-circuits'
  | 'target-unreachable'
  | 'target-refused'
  | 'caller-gone'
  | 'timeout'

/** Everything that happens in the circuit service. Peers are peer ids as text. */
export type CircuitEvent =
  | {
      readonly type: 'reservation:created' | 'reservation:renewed'
      readonly peer: string
      readonly expiresAtMs: number
    }
  | { readonly type: 'reservation:ended'; readonly peer: string; readonly reason: ReservationEndReason }
  | {
      readonly type: 'reservation:refused'
      readonly peer: string
      readonly status: CircuitStatus
      readonly reason: CircuitRefusalReason
    }
  /** Asked for; the target has not answered yet. */
  | { readonly type: 'circuit:created'; readonly circuit: CircuitRecord }
  /** Both ends are joined. */
  | { readonly type: 'circuit:accepted'; readonly circuit: CircuitRecord }
  /** Its final figures. */
  | { readonly type: 'circuit:closed'; readonly circuit: CircuitRecord; readonly reason: CircuitCloseReason }
  /** A circuit that never stood; `circuit` is absent when it was refused before it got an id. */
  | {
      readonly type: 'circuit:failed'
      readonly source: string
      readonly target?: string
      readonly circuit?: CircuitRecord
      readonly status: CircuitStatus
      readonly reason: CircuitRefusalReason
    }
  /** What the sweep for idle circuits and expired reservations found. */
  | { readonly type: 'circuit:swept'; readonly checked: number; readonly closed: number; readonly expired: number }
