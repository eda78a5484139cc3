import type { PeerId } from '@tsugi/protocol'

import type { LinkRoute } from './link-route.ts'
import type { LinkState } from './link-state.ts'

/**
 * What kind of line there is to a peer: `none` yet; `relayed`, over a circuit or over the relay's gossip route; `direct`, by WebRTC;
 * `closed`.
 */
export type LinkKind = 'none' | 'relayed' | 'direct' | 'closed'

/** The line to one peer, as it stands now. A snapshot: ask again for news, or listen to `link:change`. */
export interface Link {
  readonly peer: PeerId
  readonly kind: LinkKind
  /** What is being done, in more detail than `kind`. */
  readonly state: LinkState
  /** Why it is of this kind, in words for a person. */
  readonly reason: string
  /** When it became of this kind, in milliseconds since 1970. */
  readonly since: number
  /** The last measured round trip on the best connection; `null` when there is none, as over the relay's route. */
  readonly roundTripMs: number | null
  /** Which way the best connection goes; `null` when there is none, and for a moment after it opened. */
  readonly route: LinkRoute | null
  /** How often a direct line has been tried. */
  readonly upgradeAttempts: number
}

/** A peer's links, as its application sees them. */
export interface Links {
  get(peer: string): Link | undefined
  list(): Link[]
  /**
   * Opens a line to a peer, by rule or against it, and keeps it open until {@link close}. Peers on a common topic are linked without
   * being asked.
   *
   * @param options.addresses - multiaddrs of the peer, beside what the address book knows
   * @throws PeerError `link/invalid-peer`, `link/unreachable`, `peer/stopped`
   */
  open(peer: string, options?: { readonly addresses?: readonly string[]; readonly timeoutMs?: number }): Promise<Link>
  /** Closes every connection to a peer. It stays closed until {@link open}, or until the peer comes back to a topic. */
  close(peer: string): Promise<void>
}
