import type { Limits } from '@tsugi/protocol'

import type { LimitMessage } from './circuit-messages.ts'

/** The limits that bind circuits and reservations. */
export type CircuitLimits = Pick<
  Limits,
  | 'relayReservations'
  | 'reservationTtlMs'
  | 'circuitBytes'
  | 'circuitDurationMs'
  | 'circuitIdleMs'
  | 'circuitSweepMs'
  | 'circuitBufferBytes'
  | 'circuitBytesPerSecond'
  | 'peerCircuits'
  | 'peerBytesPerSecond'
  | 'relayBytesPerSecond'
>

/** Idle times by the pace of a game: a fast one, the default, and one in which people think long. */
export const idlePresetsMs = { fast: 2 * 60_000, normal: 5 * 60_000, slow: 10 * 60_000 } as const

const maxSeconds = 2 ** 32 - 1

/**
 * The limits as both ends of a circuit are told: the duration in whole seconds, rounded down but never to 0, which would mean
 * none. `undefined` when nothing is limited; the specification then wants the field to be absent.
 */
export function limitMessage(
  limits: Pick<CircuitLimits, 'circuitBytes' | 'circuitDurationMs'>,
): LimitMessage | undefined {
  const message: LimitMessage = {}
  if (Number.isFinite(limits.circuitDurationMs)) {
    message.duration = Math.min(Math.max(1, Math.floor(limits.circuitDurationMs / 1_000)), maxSeconds)
  }
  if (Number.isFinite(limits.circuitBytes)) message.data = BigInt(Math.max(1, limits.circuitBytes))
  return Object.keys(message).length === 0 ? undefined : message
}
