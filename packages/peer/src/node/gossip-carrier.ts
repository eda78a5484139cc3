import type { Connection, PeerId, Stream } from '@libp2p/interface'

import type { GossipSubInside } from './gossip-inside.ts'
import { relayOf } from './route-of.ts'

/** What {@link GossipCarrier} needs. */
export interface GossipCarrierOptions {
  readonly inside: GossipSubInside
  readonly connections: (peer: PeerId) => Connection[]
  /** Lets gossipsub open a stream on this connection. */
  readonly announce: (connection: Connection) => void
}

/** How long the other end may take to accept a stream for gossip. */
const openTimeoutMs = 8_000

/**
 * Decides on which of a peer's connections gossip runs:
 *
 * - on a direct one, where there is one;
 * - on a relayed one, when its relay does not route all of our topics itself, as a relay of another make; where it does, everything
 *   would travel through it twice.
 *
 * When a better connection opens, gossip moves: the new stream is open before the old one closes, so nothing falls between them.
 */
export class GossipCarrier {
  readonly #inside: GossipSubInside
  readonly #options: GossipCarrierOptions
  /** Peers to whom a stream is being opened. */
  readonly #opening = new Set<string>()

  constructor(options: GossipCarrierOptions) {
    const { inside } = options
    this.#inside = inside
    this.#options = options
    const create = inside.createOutboundStream.bind(inside)
    // Gossipsub opens one stream at a time, so a line that does not answer would keep everybody else from theirs.
    inside.createOutboundStream = async (peer, connection) => {
      void this.#open(peer, connection as Connection, create)
    }
    const giveUp = inside.handlePeerReadStreamError.bind(inside)
    // A stream that was replaced breaks when its connection ends; gossipsub would take the peer for gone.
    inside.handlePeerReadStreamError = (error, peer) => {
      if (inside.streamsInbound.get(peer.toString())?.rawStream.status !== 'open') giveUp(error, peer)
    }
  }

  /** The connection on which we send gossip to a peer. */
  carrierOf(peer: PeerId): Connection | undefined {
    const stream = this.#inside.streamsOutbound.get(peer.toString())?.rawStream
    if (stream === undefined) return undefined
    return this.#options.connections(peer).find(connection => connection.streams.includes(stream))
  }

  /** Puts gossip with a peer where it belongs; does nothing when it is there. */
  settle(peer: PeerId): void {
    if (this.#opening.has(peer.toString())) return
    const best = this.#best(peer)
    if (best !== undefined && this.#isBetter(best, this.carrierOf(peer))) this.#options.announce(best)
  }

  #best(peer: PeerId): Connection | undefined {
    const open = this.#options.connections(peer).filter(({ status }) => status === 'open')
    return open.find(({ direct }) => direct) ?? open.find(connection => !this.#isRouted(connection))
  }

  #isBetter(connection: Connection, current: Connection | undefined): boolean {
    return current === undefined || current.status !== 'open' || (connection.direct && !current.direct)
  }

  /** Whether the relay of this connection hands on all of our topics, so that the connection need not. */
  #isRouted(connection: Connection): boolean {
    const relay = relayOf(connection)
    if (relay === undefined || !this.#inside.streamsOutbound.has(relay)) return false
    return [...this.#inside.subscriptions].every(topic => this.#inside.topics.get(topic)?.has(relay) === true)
  }

  async #open(peer: PeerId, connection: Connection, create: GossipSubInside['createOutboundStream']): Promise<void> {
    const id = peer.toString()
    if (this.#opening.has(id) || !this.#isBetter(connection, this.carrierOf(peer))) return
    this.#opening.add(id)
    try {
      const stream = await connection.newStream(this.#inside.protocols, {
        runOnLimitedConnection: true,
        signal: AbortSignal.timeout(openTimeoutMs),
      })
      await this.#replace(peer, stream, create)
    } catch {
      // The line broke meanwhile, or the other end speaks no gossip on it; whoever watches the lines settles again.
    } finally {
      this.#opening.delete(id)
    }
  }

  async #replace(peer: PeerId, stream: Stream, create: GossipSubInside['createOutboundStream']): Promise<void> {
    const streams = this.#inside.streamsOutbound
    const id = peer.toString()
    const old = streams.get(id)
    streams.delete(id)
    await create(peer, { newStream: () => Promise.resolve(stream) })
    // Gossipsub has stopped, or has given the peer up.
    if (streams.get(id)?.rawStream !== stream) stream.abort(new Error('Nobody wants this stream any more.'))
    await old?.close()
  }
}
