import type { PeerId } from '@libp2p/interface'

import type { CircuitTotals } from './circuit-totals.ts'

/** What a Circuit Relay v2 server does for the rest of the relay.  */
export interface CircuitService {
  /** The libp2p service, for `createLibp2p({ services })`. */
  readonly service: (components: never) => unknown
  /** Call when a peer has no connection left: its reservation ends at once, as the specification wants. */
  releasePeer(peer: PeerId): void
  stats(): CircuitStats
}

/** Figures of the relay service. */
export interface CircuitStats {
  /** Reservations held now. */
  readonly reservations: number
  /** Circuits open now. */
  readonly circuits: number
  /** Reservations that ended because their peer left. */
  readonly reservationsReleased: number
  /** Bytes that wait between the ends of all circuits. */
  readonly bufferedBytes: number
  /** Bytes that used the relay's bandwidth beside circuits since it started: kept records, published games. */
  readonly besideBytes: number
  /** Counters since the relay started. */
  readonly totals: CircuitTotals
}
