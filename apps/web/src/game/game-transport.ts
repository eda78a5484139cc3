import type { MatchTransport, RecordKeeper, TransportListener } from '@tsugi/match'
import type { Peer, PeerEvents, Topic } from '@tsugi/peer'

/**
 * A match's topic as its session needs it. The topic is joined in the background, so that a game can be opened, and moves be
 * made and kept, before the network is there; what is published before waits for the topic.
 */
export class GameTransport implements MatchTransport {
  readonly peer: string
  readonly keeper: RecordKeeper
  readonly #peer: Peer
  readonly #topic: Promise<Topic | null>
  readonly #name: string
  #listener: TransportListener | null = null
  #isClosed = false

  constructor(peer: Peer, name: string) {
    this.peer = peer.id
    this.#peer = peer
    this.#name = name
    this.keeper = {
      keep: sealed => peer.records.keep(name, sealed),
      compare: comparison => peer.records.compare(name, comparison),
    }
    this.#topic = this.#join()
    void this.#pump()
  }

  async publish(bytes: Uint8Array): Promise<void> {
    const topic = await this.#topic
    await topic?.publish(bytes)
  }

  listen(listener: TransportListener): () => void {
    this.#listener = listener
    const told = new AbortController()
    const { signal } = told
    const tellReach = (): void => listener.onConnected?.(this.#isReachable())
    const onRelay = ({ detail }: { readonly detail: PeerEvents['relay:change'] }): void => {
      // One that refuses is told of at each try.
      if (detail.change === 'reserved') tellReach()
      if (detail.change === 'reserved' || detail.change === 'refused') listener.onKeeper?.()
    }
    this.#peer.addEventListener('relay:change', onRelay, { signal })
    this.#peer.addEventListener('ready', tellReach, { signal })
    this.#peer.addEventListener('offline', tellReach, { signal })
    this.#peer.addEventListener('link:change', tellReach, { signal })
    this.#peer.addEventListener(
      'topic:peers',
      ({ detail }) => {
        if (detail.topic === this.#name) listener.onPeers(detail.peers)
      },
      { signal },
    )
    void this.#topic.then(topic => {
      if (!topic || this.#listener !== listener) return
      listener.onPeers(topic.peers)
      tellReach()
      listener.onKeeper?.()
    })
    return () => {
      told.abort()
      if (this.#listener === listener) this.#listener = null
    }
  }

  /** Leaves the topic. */
  async close(): Promise<void> {
    this.#isClosed = true
    const topic = await this.#topic
    await topic?.leave()
  }

  async #join(): Promise<Topic | null> {
    try {
      const topic = await this.#peer.topics.join(this.#name)
      if (!this.#isClosed) return topic
      await topic.leave()
      return null
    } catch {
      // The peer has stopped: the page is going away.
      return null
    }
  }

  async #pump(): Promise<void> {
    const topic = await this.#topic
    if (!topic) return
    for await (const { from, data } of topic) this.#listener?.onMessage(from, data)
  }

  /** Messages get through by the relay, or by a direct line while the relay is away. */
  #isReachable(): boolean {
    return this.#peer.state === 'ready' || this.#peer.links.list().some(link => link.kind === 'direct')
  }
}
