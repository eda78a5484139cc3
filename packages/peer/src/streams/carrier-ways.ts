import type { Connection } from '@libp2p/interface'
import type { PeerId } from '@tsugi/protocol'

/** What {@link CarrierWays} needs. */
export interface CarrierWaysOptions {
  readonly connections: (peer: PeerId) => Connection[]
  /** Whose lines are kept as if they were on a topic with us. */
  readonly held: Set<PeerId>
  /** Works towards a line now. */
  readonly hurry: (peer: PeerId) => void
  /** Whether the other end, by rule, opens the line, and is on a topic with us, so that it will. */
  readonly isTheirs: (peer: PeerId) => boolean
}

/** Streams to one peer share its ways, and ask for a line no more often than that together. */
const hurryEveryMs = 900

interface Way {
  users: number
  hurriedAt: number
  news: PromiseWithResolvers<void>
}

/** By which connections streams may go, and how others come to be: for as long as there are streams to a peer. */
export class CarrierWays {
  readonly #options: CarrierWaysOptions
  readonly #ways = new Map<PeerId, Way>()

  constructor(options: CarrierWaysOptions) {
    this.#options = options
  }

  /** A stream to a peer begins; its link is kept until it {@link leave leaves}. */
  enter(peer: PeerId): void {
    const way = this.#ways.get(peer)
    if (way !== undefined) way.users += 1
    else {
      this.#options.held.add(peer)
      this.#ways.set(peer, { users: 1, hurriedAt: -hurryEveryMs, news: Promise.withResolvers() })
    }
  }

  leave(peer: PeerId): void {
    const way = this.#ways.get(peer)
    if (way === undefined) return
    way.users -= 1
    if (way.users > 0) return
    this.#ways.delete(peer)
    way.news.resolve()
    this.#options.held.delete(peer)
  }

  /** The best connection to a peer: a direct one before a circuit. */
  best(peer: PeerId): Connection | undefined {
    const open = this.#options.connections(peer).filter(({ status }) => status === 'open')
    return open.find(({ direct }) => direct) ?? open[0]
  }

  /** Resolves at the next change: a connection opened or closed, a relay is back. */
  async news(peer: PeerId): Promise<void> {
    await this.#ways.get(peer)?.news.promise
  }

  /** Something has changed. After the events of this moment: a connection is often listed only after it was told of. */
  wake(peer: PeerId): void {
    const way = this.#ways.get(peer)
    if (way === undefined) return
    queueMicrotask(() => {
      way.news.resolve()
      way.news = Promise.withResolvers()
    })
  }

  /** A relay is back, or the like: what waits for its turn is tried at once. */
  wakeAll(): void {
    for (const [peer, way] of this.#ways) {
      way.hurriedAt = -hurryEveryMs
      this.wake(peer)
    }
  }

  /** There is no connection: has one made. The first time, whoever opens it by rule is given a moment. */
  hurry(peer: PeerId, attempt: number): void {
    const way = this.#ways.get(peer)
    // People set their clocks.
    const now = performance.now()
    if (way === undefined || now - way.hurriedAt < hurryEveryMs) return
    if (attempt < 2 && this.#options.isTheirs(peer)) return
    way.hurriedAt = now
    this.#options.hurry(peer)
  }
}
