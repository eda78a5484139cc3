import type { Connection, PeerId } from '@libp2p/interface'

/** What a Circuit Relay v2 server does for the rest of the relay. The stock server stands behind it now; ours will. */
export interface CircuitService {
  /** The libp2p service, for `createLibp2p({ services })`. */
  readonly service: (components: never) => unknown
  /** Call when a peer has no connection left: its reservation ends at once, as the specification wants. */
  releasePeer(peer: PeerId): void
  /** @param connections - the open connections, from which the stock server's circuits are counted */
  stats(connections: readonly Connection[]): CircuitStats
}

/** Figures of the relay service. */
export interface CircuitStats {
  /** Reservations held now. */
  readonly reservations: number
  /** Circuits open now. */
  readonly circuits: number
  /** Reservations that ended because their peer left. */
  readonly reservationsReleased: number
}
