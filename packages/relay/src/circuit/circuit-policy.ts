import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { type AppId, defaultApp } from '@tsugi/protocol'

/** Who may do what, as the rest of the relay knows it. */
export interface CircuitPolicy {
  /** Counts a request; `false` refuses it as one too many: RESERVE with RESERVATION_REFUSED, CONNECT with RESOURCE_LIMIT_EXCEEDED. */
  takeRequest(peer: PeerId, address: Multiaddr): boolean
  /** `false` refuses with PERMISSION_DENIED. */
  allowReserve(peer: PeerId, address: Multiaddr): boolean
  /** `false` refuses with PERMISSION_DENIED. */
  allowConnect(source: PeerId, target: PeerId): boolean
  /** The app that a peer belongs to; circuits stand only within one. */
  appOf(peer: PeerId): AppId
  /** `false` refuses reservations and circuits of an app with PERMISSION_DENIED. */
  isServed(app: AppId): boolean
  /** What a request has to wait for before the caller's app is known. */
  whenSettled(connection: Connection): Promise<void> | undefined
  /** `true` refuses with RESOURCE_LIMIT_EXCEEDED; who holds a reservation renews it. */
  isOverloaded(kind: 'reserve' | 'connect'): boolean
}

/** Allows everything. */
export const openPolicy: CircuitPolicy = {
  takeRequest: () => true,
  allowReserve: () => true,
  allowConnect: () => true,
  appOf: () => defaultApp,
  isServed: () => true,
  whenSettled: () => undefined,
  isOverloaded: () => false,
}
