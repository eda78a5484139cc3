// Stands in for libp2p's rate limiter, of which a page uses one method: so many connections from one host in a second.

export class RateLimiter {
  readonly #points: number
  readonly #windowMs: number
  readonly #consumed = new Map<string, number>()
  #windowEndsAt = 0

  constructor({ points = 4, duration = 1 }: { points?: number; duration?: number } = {}) {
    this.#points = points
    this.#windowMs = duration * 1_000
  }

  /** Throws when a key has had its share of the present window. */
  consume(key: string, points = 1): void {
    const now = performance.now()
    if (now >= this.#windowEndsAt) {
      this.#consumed.clear()
      this.#windowEndsAt = now + this.#windowMs
    }
    const consumed = (this.#consumed.get(key) ?? 0) + points
    this.#consumed.set(key, consumed)
    if (consumed > this.#points) throw new Error('Rate limit exceeded')
  }
}
