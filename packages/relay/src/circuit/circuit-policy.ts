import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Who may do what, as the rest of the relay knows it. What is left out of an option allows everything. */
export interface CircuitPolicy {
  /** `false` refuses with PERMISSION_DENIED. */
  allowReserve?(peer: PeerId, address: Multiaddr): boolean
  /** `false` refuses with PERMISSION_DENIED. */
  allowConnect?(source: PeerId, target: PeerId): boolean
  /** The app that a peer belongs to; circuits stand only within one. */
  appOf(peer: PeerId): string
  /** `true` refuses new reservations and circuits with RESOURCE_LIMIT_EXCEEDED. */
  isOverloaded?(): boolean
}

/** The app of peers that name none. */
export const defaultApp = 'default'
