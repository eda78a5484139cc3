import { BoundedQueue, type BoundedQueueStats, type SlowReason } from '@tsugi/bounded'

import { ArrivalBuffer } from './arrival-buffer.ts'
import type { JoinOptions, TopicMessage, TopicStats } from './topic.ts'

/** What a reader needs to know. */
export interface TopicReaderOptions {
  readonly id: string
  readonly bufferSize: number
  readonly onSlow: (reason: SlowReason, stats: BoundedQueueStats) => void
}

/** A reader that takes nothing for so long while messages wait does not keep up. */
const slowAfterMs = 30_000

/**
 * The part of a handle that its topic holds: what arrives for it, and whether anybody still reads. It does not know the handle itself, so
 * that a handle which the application has dropped can be collected, and found.
 */
export class TopicReader {
  readonly id: string
  readonly meet: boolean
  readonly #overflow: JoinOptions['overflow']
  readonly #accept: JoinOptions['accept']
  readonly #queue: BoundedQueue<TopicMessage>
  readonly #onSlow: TopicReaderOptions['onSlow']
  /** Until the first read. */
  #arrivals: ArrivalBuffer | undefined
  /** Whether it has been told that more arrived than is held until the first read. */
  #wasSlow = false
  #openIterators = 0
  #wasRead = false
  #usedAt = Date.now()
  #published = 0
  #publishedBytes = 0
  #received = 0
  #receivedBytes = 0
  #refused = 0

  constructor(options: TopicReaderOptions, joined: JoinOptions) {
    const { bufferSize = options.bufferSize, overflow = 'drop-oldest', mayDrop } = joined
    this.id = options.id
    this.meet = joined.meet ?? true
    this.#overflow = overflow
    this.#accept = joined.accept
    this.#onSlow = options.onSlow
    this.#queue = new BoundedQueue({
      capacity: bufferSize,
      overflow,
      slowAfterMs,
      onSlow: options.onSlow,
      ...(mayDrop !== undefined && { mayDrop }),
    })
    if (overflow === 'drop-oldest') this.#arrivals = new ArrivalBuffer({ capacity: bufferSize, mayDrop })
  }

  get isOpen(): boolean {
    return !this.#queue.isClosed
  }

  /** Messages that wait for the first read. */
  get held(): number {
    return this.#arrivals?.size ?? 0
  }

  get stats(): TopicStats {
    return {
      queue: this.#queue.stats,
      held: this.held,
      published: this.#published,
      publishedBytes: this.#publishedBytes,
      received: this.#received,
      receivedBytes: this.#receivedBytes,
      refused: this.#refused,
    }
  }

  /** Since when nobody has read or published after the last loop was left; `undefined` while somebody does, or nobody ever read. */
  get unreadSince(): number | undefined {
    return this.#wasRead && this.#openIterators === 0 ? this.#usedAt : undefined
  }

  /** Whether this reader wants a message; asked before anything of it is kept. */
  wants(message: TopicMessage): boolean {
    return this.#accept === undefined || this.#accept(message)
  }

  deliver(message: TopicMessage): void {
    if (!this.wants(message)) {
      this.#refused += 1
      return
    }
    this.#received += 1
    this.#receivedBytes += message.data.byteLength
    if (this.#arrivals !== undefined) {
      if (this.#arrivals.push(message) || this.#wasSlow) return
      this.#wasSlow = true
      this.#onSlow('overflow', this.#queue.stats)
    } else if (this.#overflow === 'wait') void this.#queue.put(message)
    else this.#queue.push(message)
  }

  published(bytes: number): void {
    this.#usedAt = Date.now()
    this.#published += 1
    this.#publishedBytes += bytes
  }

  /** @param handle - kept alive for as long as somebody reads */
  iterate(handle: object): AsyncIterator<TopicMessage, undefined> & { readonly handle: object } {
    let isClosed = false
    this.#openIterators += 1
    this.#wasRead = true
    return {
      handle,
      next: () => {
        this.#usedAt = Date.now()
        this.#begin()
        return this.#queue.next()
      },
      return: () => {
        if (!isClosed) this.#openIterators -= 1
        isClosed = true
        this.#usedAt = Date.now()
        return Promise.resolve({ done: true, value: undefined })
      },
    }
  }

  close(): void {
    this.#begin()
    this.#queue.close()
  }

  /** What has arrived so far is handed to the queue, which has room for all of it. */
  #begin(): void {
    const messages = this.#arrivals?.drain() ?? []
    this.#arrivals = undefined
    for (const message of messages) this.#queue.push(message)
  }
}
