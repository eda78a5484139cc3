import type { Connection, PeerId } from '@libp2p/interface'
import { type GossipSubInside, OutboundStreams } from '@tsugi/gossip'

import { relayOf } from './route-of.ts'

/** What {@link GossipCarrier} needs. */
export interface GossipCarrierOptions {
  readonly inside: GossipSubInside
  readonly connections: (peer: PeerId) => Connection[]
  /** Lets gossipsub open a stream on this connection. */
  readonly announce: (connection: Connection) => void
}

/**
 * Decides on which of a peer's connections gossip runs:
 *
 * - on a direct one, where there is one;
 * - on a relayed one, when its relay does not route all of our topics itself, as a relay of another make; where it does, everything
 *   would travel through it twice.
 */
export class GossipCarrier {
  readonly #inside: GossipSubInside
  readonly #options: GossipCarrierOptions
  readonly #streams: OutboundStreams

  constructor(options: GossipCarrierOptions) {
    const { inside, connections } = options
    this.#inside = inside
    this.#options = options
    this.#streams = new OutboundStreams({ inside, connections, isBetter, runOnLimitedConnection: true })
  }

  /** The connection on which we send gossip to a peer. */
  carrierOf(peer: PeerId): Connection | undefined {
    return this.#streams.carrierOf(peer)
  }

  /** Puts gossip with a peer where it belongs; does nothing when it is there. */
  settle(peer: PeerId): void {
    const best = this.#best(peer)
    if (best !== undefined && isBetter(best, this.carrierOf(peer))) this.#options.announce(best)
  }

  #best(peer: PeerId): Connection | undefined {
    const open = this.#options.connections(peer).filter(({ status }) => status === 'open')
    return open.find(({ direct }) => direct) ?? open.find(connection => !this.#isRouted(connection))
  }

  /** Whether the relay of this connection hands on all of our topics, so that the connection need not. */
  #isRouted(connection: Connection): boolean {
    const relay = relayOf(connection)
    if (relay === undefined || !this.#inside.streamsOutbound.has(relay)) return false
    return [...this.#inside.subscriptions].every(topic => this.#inside.topics.get(topic)?.has(relay) === true)
  }
}

function isBetter(connection: Connection, current: Connection | undefined): boolean {
  return current === undefined || current.status !== 'open' || (connection.direct && !current.direct)
}
