/** A clock that stands still until a test moves it, with timers that fire on the way. */
export class FakeClock {
  #now: number
  readonly #timers = new Set<{ readonly intervalMs: number; dueAt: number; readonly tick: () => void }>()

  constructor(startMs = 1_700_000_000_000) {
    this.#now = startMs
  }

  /** How many timers run: 0 when everything has been stopped. */
  get timers(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#now
  }

  /** Calls again and again; answers how to stop. */
  every(intervalMs: number, tick: () => void): () => void {
    const timer = { intervalMs, dueAt: this.#now + intervalMs, tick }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Moves time on, and fires what is due in the order in which it is due. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const due = [...this.#timers]
        .filter(timer => timer.dueAt <= end)
        .reduce<{ dueAt: number; intervalMs: number; tick: () => void } | null>(
          (first, timer) => (first === null || timer.dueAt < first.dueAt ? timer : first),
          null,
        )
      if (due === null) break
      this.#now = due.dueAt
      due.dueAt += due.intervalMs
      due.tick()
    }
    this.#now = end
  }
}
