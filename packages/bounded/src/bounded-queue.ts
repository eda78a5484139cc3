import { BoundedError, requireAmount, requireCount } from './bounded-error.ts'
import { Ring } from './ring.ts'
import { systemTimers } from './system-timers.ts'

/** What happens to an item that finds the queue full. */
export type OverflowPolicy = 'drop-oldest' | 'drop-newest' | 'wait'

/**
 * What became of an item: `queued`, `dropped-oldest` (queued, an older one left), `dropped` (this one left), `full` (policy `wait`:
 * its sender keeps it), `closed`.
 */
export type PushOutcome = 'queued' | 'dropped-oldest' | 'dropped' | 'full' | 'closed'

/** Why a reader counts as slow: items had to be refused or dropped, or nothing was read for `slowAfterMs` while items waited. */
export type SlowReason = 'overflow' | 'stalled'

/** What {@link BoundedQueue} wants to know. */
export interface BoundedQueueOptions<T> {
  /** The most items that wait at once. */
  readonly capacity: number
  /** Default `drop-oldest`. */
  readonly overflow?: OverflowPolicy
  /** With `drop-oldest`: which items may be dropped. Default: all. When none may, the arriving one is refused as `dropped`. */
  readonly mayDrop?: (item: T) => boolean
  /** A reader that takes nothing for so long while items wait is slow. Default: never for that reason. */
  readonly slowAfterMs?: number
  /** Called once when the reader becomes slow; again only after it has drained the queue to half. */
  readonly onSlow?: (reason: SlowReason, stats: BoundedQueueStats) => void
  /** Milliseconds, for `slowAfterMs`. Default `Date.now`. */
  readonly now?: () => number
}

/** A queue's counters since it was made. */
export interface BoundedQueueStats {
  readonly length: number
  readonly capacity: number
  /** Items that were queued or handed over. */
  readonly accepted: number
  readonly delivered: number
  /** Items lost by the policy, the arriving ones included. */
  readonly dropped: number
  /** Items sent back to their sender (`full`, `closed`). */
  readonly refused: number
  /** The most items that ever waited. */
  readonly highWater: number
  readonly isSlow: boolean
  readonly isClosed: boolean
}

interface Reader<T> {
  resolve(result: IteratorResult<T, undefined>): void
}

interface Writer {
  resolve(mayTry: boolean): void
}

const end = { done: true, value: undefined } as const

/**
 * A queue with a ceiling between one writer and one reader, who may each be asynchronous. Reading is by `for await`, `next()` or
 * `shift()`. After `close()` what is queued can still be read; then iteration ends.
 *
 * Writers that wait in `put()` and readers that wait in `next()` are bounded by the capacity too.
 */
export class BoundedQueue<T> implements AsyncIterable<T> {
  readonly #ring: Ring<T>
  readonly #readers: Ring<Reader<T>>
  readonly #writers: Set<Writer> = new Set()
  readonly #overflow: OverflowPolicy
  readonly #mayDrop: ((item: T) => boolean) | undefined
  readonly #slowAfterMs: number
  readonly #onSlow: BoundedQueueOptions<T>['onSlow']
  readonly #now: () => number
  #accepted = 0
  #delivered = 0
  #dropped = 0
  #refused = 0
  #highWater = 0
  #isSlow = false
  #isClosed = false
  /** When the reader last took something while more waited, or the first item came. */
  #waitingSince = 0

  /** @throws BoundedError `bounded/invalid-option` */
  constructor(options: BoundedQueueOptions<T>) {
    const capacity = requireCount('capacity', options.capacity)
    this.#ring = new Ring(capacity)
    this.#readers = new Ring(capacity)
    this.#overflow = options.overflow ?? 'drop-oldest'
    this.#mayDrop = options.mayDrop
    this.#slowAfterMs = requireAmount('slowAfterMs', options.slowAfterMs ?? Number.POSITIVE_INFINITY)
    this.#onSlow = options.onSlow
    this.#now = options.now ?? systemTimers.now
  }

  get length(): number {
    return this.#ring.length
  }

  get capacity(): number {
    return this.#ring.capacity
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get stats(): BoundedQueueStats {
    return {
      length: this.#ring.length,
      capacity: this.#ring.capacity,
      accepted: this.#accepted,
      delivered: this.#delivered,
      dropped: this.#dropped,
      refused: this.#refused,
      highWater: this.#highWater,
      isSlow: this.#isSlow,
      isClosed: this.#isClosed,
    }
  }

  /** Offers an item at once; never waits and never throws. */
  push(item: T): PushOutcome {
    if (this.#isClosed) {
      this.#refused += 1
      return 'closed'
    }
    const reader = this.#readers.shift()
    if (reader !== undefined) {
      this.#accepted += 1
      this.#delivered += 1
      reader.resolve({ done: false, value: item })
      return 'queued'
    }
    let outcome: PushOutcome = 'queued'
    if (this.#ring.length >= this.#ring.capacity) {
      outcome = this.#makeRoom()
      if (outcome !== 'dropped-oldest') {
        this.#markSlow('overflow')
        return outcome
      }
    }
    if (this.#ring.length === 0) this.#waitingSince = this.#now()
    this.#ring.push(item)
    this.#accepted += 1
    this.#highWater = Math.max(this.#highWater, this.#ring.length)
    if (outcome === 'dropped-oldest') this.#markSlow('overflow')
    else if (this.#now() - this.#waitingSince > this.#slowAfterMs) this.#markSlow('stalled')
    return outcome
  }

  /**
   * Offers an item and, with policy `wait`, waits for room.
   *
   * @returns what {@link push} would; `full` when as many writers as the queue has places wait already, or the signal ended the wait
   */
  async put(item: T, options: { readonly signal?: AbortSignal } = {}): Promise<PushOutcome> {
    let outcome = this.push(item)
    while (outcome === 'full' && this.#writers.size < this.capacity && options.signal?.aborted !== true) {
      this.#refused -= 1 // it is not sent back yet: it waits
      if (!(await this.#room(options.signal))) {
        this.#refused += 1
        return this.#isClosed ? 'closed' : 'full'
      }
      outcome = this.push(item)
    }
    return outcome
  }

  /** Takes the oldest item, or `undefined` when there is none. */
  shift(): T | undefined {
    if (this.#ring.length === 0) return undefined
    const item = this.#ring.shift() as T
    this.#delivered += 1
    this.#waitingSince = this.#now()
    if (this.#isSlow && this.#ring.length <= this.capacity / 2) this.#isSlow = false
    this.#wakeWriter()
    return item
  }

  /**
   * Takes the oldest item, waiting for one.
   *
   * @throws BoundedError `bounded/invalid-option` when more readers wait than the queue has places
   */
  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#ring.length > 0) return Promise.resolve({ done: false, value: this.shift() as T })
    if (this.#isClosed) return Promise.resolve(end)
    if (this.#readers.length >= this.capacity) {
      return Promise.reject(new BoundedError('bounded/invalid-option', 'Too many readers wait on one queue.'))
    }
    return new Promise(resolve => {
      this.#readers.push({ resolve })
    })
  }

  /** Takes no more items. What is queued stays readable unless `discard` is set; waiting readers and writers are released. Safe to repeat. */
  close(options: { readonly discard?: boolean } = {}): void {
    this.#isClosed = true
    if (options.discard === true) {
      this.#dropped += this.#ring.length
      this.#ring.clear()
    }
    for (let reader = this.#readers.shift(); reader !== undefined; reader = this.#readers.shift()) reader.resolve(end)
    const writers = [...this.#writers]
    this.#writers.clear()
    for (const writer of writers) writer.resolve(false)
  }

  /** Reads until the queue is closed and empty. Leaving a `for await` early leaves the queue as it is. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return { next: () => this.next(), return: () => Promise.resolve(end) }
  }

  #makeRoom(): PushOutcome {
    if (this.#overflow === 'wait') {
      this.#refused += 1
      return 'full'
    }
    this.#dropped += 1
    if (this.#overflow === 'drop-newest') return 'dropped'
    const mayDrop = this.#mayDrop
    if (mayDrop === undefined) {
      this.#ring.shift()
      return 'dropped-oldest'
    }
    return this.#ring.removeFirst(mayDrop) ? 'dropped-oldest' : 'dropped'
  }

  #markSlow(reason: SlowReason): void {
    if (this.#isSlow) return
    this.#isSlow = true
    this.#onSlow?.(reason, this.stats)
  }

  #room(signal: AbortSignal | undefined): Promise<boolean> {
    return new Promise(resolve => {
      const onAbort = (): void => {
        if (this.#writers.delete(writer)) writer.resolve(false)
      }
      const writer: Writer = {
        resolve: mayTry => {
          signal?.removeEventListener('abort', onAbort)
          resolve(mayTry)
        },
      }
      this.#writers.add(writer)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  #wakeWriter(): void {
    for (const writer of this.#writers) {
      this.#writers.delete(writer)
      writer.resolve(true)
      return
    }
  }
}
