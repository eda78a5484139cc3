import type { Connection, PeerId, Stream } from '@libp2p/interface'

import type { GossipSubInside } from '../src/index.ts'

/** As much of gossipsub's inside as is changed from outside. */
export function fakeGossipSub() {
  const fake = {
    protocols: ['/meshsub/1.2.0'],
    subscriptions: new Set<string>(),
    topics: new Map<string, Set<string>>(),
    peers: new Map<string, PeerId>(),
    streamsOutbound: new Map<string, { rawStream: Stream; close(): Promise<void> }>(),
    streamsInbound: new Map<string, { rawStream: Stream }>(),
    peerTopicBytes: new Map<string, number>(),
    mcache: { size: 0 },
    handleReceivedRpc: () => Promise.resolve(),
    selectPeersToForward: () => new Set<string>(),
    sendRpc: () => true,
    sendSubscriptions: () => {},
    async createOutboundStream(peer: PeerId, connection: Connection) {
      const rawStream = await connection.newStream(fake.protocols)
      const close = (): Promise<void> => Promise.resolve(rawStream.close())
      if (fake.peers.has(peer.toString())) fake.streamsOutbound.set(peer.toString(), { rawStream, close })
    },
    async pipePeerReadStream(_: PeerId, source: AsyncIterable<unknown>) {
      for await (const each of source) void each
    },
  }
  return { fake, inside: fake as unknown as GossipSubInside }
}

/** A peer id that is only told apart. */
export function fakePeer(name: string): PeerId {
  return { toString: () => name } as unknown as PeerId
}

/** A connection whose streams stand when the test says so. */
export class FakeConnection {
  readonly streams: Stream[] = []
  status = 'open'
  readonly closed: Stream[] = []
  readonly aborted: Stream[] = []
  readonly #waiting: PromiseWithResolvers<void>[] = []

  /** Streams that the other end has not accepted yet. */
  get pending(): number {
    return this.#waiting.length
  }

  /** The other end takes the oldest one. */
  accept(): void {
    this.#waiting.shift()?.resolve()
  }

  refuse(): void {
    this.#waiting.shift()?.reject(new Error('refused'))
  }

  async newStream(): Promise<Stream> {
    const answer = Promise.withResolvers<void>()
    this.#waiting.push(answer)
    await answer.promise
    const stream = {
      close: () => Promise.resolve(void this.closed.push(stream)),
      abort: () => void this.aborted.push(stream),
    } as unknown as Stream
    this.streams.push(stream)
    return stream
  }
}
