import { requireAmount } from './bounded-error.ts'
import { systemTimers } from './system-timers.ts'

/** What {@link TokenBucket} wants to know. */
export interface TokenBucketOptions {
  /** The most tokens it holds; it starts full. `Infinity` for no limit. */
  readonly capacity: number
  /** How fast it fills again. */
  readonly refillPerSecond: number
  /** Milliseconds. A clock that jumps back costs nothing and gives nothing. Default `Date.now`. */
  readonly now?: () => number
}

/** A bucket's counters since it was made. */
export interface TokenBucketStats {
  readonly taken: number
  /** How many requests found too few tokens. */
  readonly refused: number
}

/** A rate limit: `capacity` at once, `refillPerSecond` in the long run. Synchronous, without timers. */
export class TokenBucket {
  readonly capacity: number
  readonly refillPerSecond: number
  readonly #now: () => number
  #tokens: number
  #updatedAt: number
  #taken = 0
  #refused = 0

  /** @throws BoundedError `bounded/invalid-option` */
  constructor(options: TokenBucketOptions) {
    this.capacity = requireAmount('capacity', options.capacity)
    this.refillPerSecond = requireAmount('refillPerSecond', options.refillPerSecond)
    this.#now = options.now ?? systemTimers.now
    this.#tokens = this.capacity
    this.#updatedAt = this.#now()
  }

  /** How many tokens there are now; a fraction counts. */
  get available(): number {
    this.#refill()
    return this.#tokens
  }

  get stats(): TokenBucketStats {
    return { taken: this.#taken, refused: this.#refused }
  }

  /** Takes `count` tokens if all of them are there; answers whether it did. */
  tryTake(count = 1): boolean {
    this.#refill()
    if (count > this.#tokens) {
      this.#refused += 1
      return false
    }
    this.#tokens -= count
    this.#taken += count
    return true
  }

  /** Takes as many of `count` whole tokens as are there; answers how many. */
  takeUpTo(count: number): number {
    this.#refill()
    const taken = Math.min(count, Math.floor(this.#tokens))
    if (taken < count) this.#refused += 1
    this.#tokens -= taken
    this.#taken += taken
    return taken
  }

  /** How long until `count` tokens will be there: 0 now, `Infinity` never. */
  msUntil(count = 1): number {
    this.#refill()
    if (count <= this.#tokens) return 0
    if (count > this.capacity || this.refillPerSecond === 0) return Number.POSITIVE_INFINITY
    return Math.ceil(((count - this.#tokens) / this.refillPerSecond) * 1_000)
  }

  #refill(): void {
    const now = this.#now()
    const elapsedMs = now - this.#updatedAt
    this.#updatedAt = now
    if (elapsedMs <= 0 || this.#tokens >= this.capacity) return
    this.#tokens = Math.min(this.capacity, this.#tokens + (elapsedMs * this.refillPerSecond) / 1_000)
  }
}
