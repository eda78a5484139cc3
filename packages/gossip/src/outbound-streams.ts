import type { Connection, PeerId, Stream } from '@libp2p/interface'

import type { GossipSubInside } from './gossip-inside.ts'

/** What {@link OutboundStreams} needs. */
export interface OutboundStreamsOptions {
  readonly inside: GossipSubInside
  readonly connections: (peer: PeerId) => Connection[]
  /** Whether gossip to a peer is to move to this connection from the one that carries it now, if there is one. */
  readonly isBetter: (connection: Connection, current: Connection | undefined) => boolean
  /** Whether streams may be opened on relayed connections. */
  readonly runOnLimitedConnection: boolean
  /** Gossip to this connection's peer runs on it from now on. */
  readonly onOpened?: (connection: Connection) => void
}

/** How long the other end may take to accept a stream. */
const openTimeoutMs = 8_000

/**
 * The streams on which peers hear us. Gossipsub opens one on the first connection that it hears of and stays there, and opens one
 * after the other: a peer whose line is dead hears nothing, and makes everybody after it wait. Here
 *
 * - gossip moves when a better connection is offered, and the new stream is open before the old one closes, so nothing falls between
 *   them;
 * - streams to different peers are opened side by side, one at a time for each peer.
 */
export class OutboundStreams {
  readonly #options: OutboundStreamsOptions
  readonly #create: GossipSubInside['createOutboundStream']
  /** Peers to whom a stream is being opened, each with the connection that was offered meanwhile. */
  readonly #opening = new Map<string, Connection | undefined>()

  constructor(options: OutboundStreamsOptions) {
    const { inside } = options
    this.#options = options
    this.#create = inside.createOutboundStream.bind(inside)
    inside.createOutboundStream = async (peer, connection) => this.offer(peer, connection as Connection)
  }

  /** The connection on which we send gossip to a peer. */
  carrierOf(peer: PeerId): Connection | undefined {
    const stream = this.#options.inside.streamsOutbound.get(peer.toString())?.rawStream
    if (stream === undefined) return undefined
    return this.#options.connections(peer).find(connection => connection.streams.includes(stream))
  }

  /** Moves gossip to this connection, if that is better than where it runs by then. */
  offer(peer: PeerId, connection: Connection): void {
    const id = peer.toString()
    if (this.#opening.has(id)) this.#opening.set(id, connection)
    else void this.#openLatest(peer, id, connection)
  }

  async #openLatest(peer: PeerId, id: string, first: Connection): Promise<void> {
    for (let next: Connection | undefined = first; next !== undefined; next = this.#opening.get(id)) {
      this.#opening.set(id, undefined)
      await this.#open(peer, next)
    }
    this.#opening.delete(id)
  }

  async #open(peer: PeerId, connection: Connection): Promise<void> {
    const { inside, isBetter, runOnLimitedConnection, onOpened } = this.#options
    if (!inside.peers.has(peer.toString()) || connection.status !== 'open') return
    if (!isBetter(connection, this.carrierOf(peer))) return
    try {
      const signal = AbortSignal.timeout(openTimeoutMs)
      await this.#replace(peer, await connection.newStream(inside.protocols, { runOnLimitedConnection, signal }))
      onOpened?.(connection)
    } catch {
      // The line broke meanwhile, or the other end speaks no gossip on it; whoever watches the lines offers another.
    }
  }

  async #replace(peer: PeerId, stream: Stream): Promise<void> {
    const streams = this.#options.inside.streamsOutbound
    const id = peer.toString()
    const old = streams.get(id)
    streams.delete(id)
    await this.#create(peer, { newStream: () => Promise.resolve(stream) })
    // Gossipsub has stopped, or has given the peer up.
    if (streams.get(id)?.rawStream !== stream) stream.abort(new Error('Nobody wants this stream any more.'))
    // On a line that is dead this takes until the line is given up.
    void old?.close()
  }
}
