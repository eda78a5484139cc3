import type { PeerId } from '@tsugi/protocol'

/**
 * How an end of a direct line was found (RFC 8445): its own address (`host`), the one that a STUN server saw (`srflx`) or that only the
 * other end saw (`prflx`), or a TURN server's (`relay`).
 */
export type CandidateKind = 'host' | 'srflx' | 'prflx' | 'relay'

/** Which way a line goes. */
export interface LinkRoute {
  /** The relay that a circuit goes through; `null` for a direct line. */
  readonly relay: PeerId | null
  /** Our end of a direct line; `null` for a circuit, and where the runtime does not tell. */
  readonly local: CandidateKind | null
  /** The other end, likewise. */
  readonly remote: CandidateKind | null
}
