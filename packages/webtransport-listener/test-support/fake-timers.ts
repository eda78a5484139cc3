import type { Timers } from '@tsugi/bounded'

/** Time that stands still until a test moves it. */
export class FakeTimers implements Timers {
  #now: number
  #nextId = 1
  readonly #due = new Map<number, { readonly at: number; readonly callback: () => void }>()

  constructor(startMs: number) {
    this.#now = startMs
  }

  /** How many timers wait. */
  get size(): number {
    return this.#due.size
  }

  readonly now = (): number => this.#now

  readonly setTimeout = (callback: () => void, delayMs: number): number => {
    this.#due.set(this.#nextId, { at: this.#now + delayMs, callback })
    return this.#nextId++
  }

  readonly clearTimeout = (id: unknown): void => {
    this.#due.delete(id as number)
  }

  /** Sets the clock, as a person would: what waits goes on waiting. */
  set(nowMs: number): void {
    this.#now = nowMs
  }

  /** Moves time on, calling what is due in order. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const [next] = [...this.#due].filter(([, each]) => each.at <= end).toSorted(([, a], [, b]) => a.at - b.at)
      if (next === undefined) break
      this.#due.delete(next[0])
      this.#now = Math.max(this.#now, next[1].at)
      next[1].callback()
    }
    this.#now = end
  }
}
