import type { PeerId } from '@tsugi/protocol'

import type { RelayTransport } from '../node/relay-transport.ts'

/**
 * - `waiting`: known and not used: as many reservations are held as are wanted
 * - `connecting`: being described, dialled, asked for a slot
 * - `reserved`: it holds a slot for us, so others reach us through it
 * - `refused`: connected, messages flow over it, but it gave us no slot, or took it back because it is about to end (reason `draining`)
 * - `lost`: it cannot be reached, or not any more; it is tried again at `retryAt`
 */
export type RelayState = 'waiting' | 'connecting' | 'reserved' | 'refused' | 'lost'

/** One relay, as it stands now. */
export interface RelayStatus {
  /** How it was named: a URL, or a multiaddr. */
  readonly source: string
  /** Set when it was named by a URL. */
  readonly url?: string
  readonly peerId?: PeerId
  readonly state: RelayState
  /** When it came into this state, in milliseconds since 1970. */
  readonly since: number
  /** When the slot ends unless it is renewed. */
  readonly expiresAt?: number
  /** Why it is in this state: for `refused` the relay's status code, such as `RESERVATION_REFUSED`; that it does not answer, while its line still stands. */
  readonly reason?: string
  /** When it is tried again. */
  readonly retryAt?: number
  readonly roundTripMs?: number
  /** The way that its line goes, while there is one. */
  readonly transport?: RelayTransport
}
