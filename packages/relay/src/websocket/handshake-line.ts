/** What {@link HandshakeLine} wants to know. */
export interface HandshakeLineOptions {
  /** Those that may stand in the line, of everybody and of one address. */
  readonly maxWaiting: number
  readonly maxPerAddress: number
  /** Nobody is kept who would wait longer. */
  readonly maxWaitMs: number
  readonly now?: () => number
  /** Runs something in the next turn of the event loop. Default: `setImmediate`. */
  readonly nextTurn?: (run: () => void) => void
}

/** Who stands in the line. */
interface Waiting {
  readonly address: string
  readonly sinceMs: number
  readonly begin: () => void
  readonly refuse: () => void
}

/** What one handshake and what follows from it take at the least; what was measured while few came says nothing of a crowd. */
const leastMs = 5
/** A turn that took longer was a stall of the process or the machine, and says nothing of handshakes. */
const mostMs = 100
/** How much the last one counts. */
const weight = 0.1

/**
 * Begins one handshake in each turn of the event loop. A turn lasts as long as the work that the begun ones make, so they are begun as fast as they can be
 * finished, on any machine, and those far away do not hold up the others. When all guests of a relay come back at once, hundreds at the same time would all be
 * finished last, after their time-outs, and be tried again, for ever. Here the first are through at once, some wait, and the others hear at once, for
 * little, that they had better come later.
 */
export class HandshakeLine {
  readonly #options: HandshakeLineOptions
  readonly #now: () => number
  readonly #nextTurn: (run: () => void) => void
  readonly #waiting = new Set<Waiting>()
  readonly #byAddress = new Map<string, number>()
  #begunAtMs = 0
  #eachMs = leastMs
  /** Whether one was begun in this turn. */
  #isBusy = false

  constructor(options: HandshakeLineOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
    this.#nextTurn = options.nextTurn ?? (run => void setImmediate(run))
  }

  get size(): number {
    return this.#waiting.size
  }

  /**
   * Begins it now or later, or refuses it now or, when it took longer than was thought, later.
   *
   * @returns takes it out of the line, for one that has left; safe to repeat
   */
  enter(address: string, begin: () => void, refuse: () => void): () => void {
    const { maxWaiting, maxPerAddress, maxWaitMs } = this.#options
    const here = this.#byAddress.get(address) ?? 0
    const isTooLong = this.#waiting.size >= maxWaiting || this.#waiting.size * this.#eachMs > maxWaitMs
    if (isTooLong || here >= maxPerAddress) {
      refuse()
      return () => {}
    }
    const waiting = { address, sinceMs: this.#now(), begin, refuse }
    this.#waiting.add(waiting)
    this.#byAddress.set(address, here + 1)
    if (!this.#isBusy) this.#beginNext()
    return () => this.#remove(waiting)
  }

  /** Refuses everybody who waits. */
  clear(): void {
    for (const waiting of this.#waiting) {
      this.#remove(waiting)
      waiting.refuse()
    }
  }

  #beginNext(): void {
    const now = this.#now()
    const { size } = this.#waiting
    if (this.#isBusy && size > 0) {
      const turnMs = Math.min(mostMs, now - this.#begunAtMs)
      this.#eachMs = Math.max(leastMs, this.#eachMs + weight * (turnMs - this.#eachMs))
    }
    this.#isBusy = size > 0
    this.#begunAtMs = now
    if (this.#isBusy) this.#nextTurn(() => this.#beginNext())
    for (const waiting of this.#waiting) {
      this.#remove(waiting)
      if (now - waiting.sinceMs > this.#options.maxWaitMs) {
        waiting.refuse()
        continue
      }
      waiting.begin()
      break
    }
  }

  #remove(waiting: Waiting): void {
    if (!this.#waiting.delete(waiting)) return
    const here = (this.#byAddress.get(waiting.address) ?? 1) - 1
    if (here > 0) this.#byAddress.set(waiting.address, here)
    else this.#byAddress.delete(waiting.address)
  }
}
