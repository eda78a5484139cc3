import type { Timers } from '@tsugi/bounded'

/** Time that a test moves by hand. */
export interface FakeTimers extends Timers {
  /** Moves on, calling what is due in between, in order. */
  advance(ms: number): void
}

/** Starts at 0. */
export function createFakeTimers(): FakeTimers {
  let time = 0
  let nextId = 1
  const due = new Map<number, { at: number; callback: () => void }>()
  return {
    now: () => time,
    setTimeout(callback, delayMs) {
      const id = nextId
      nextId += 1
      due.set(id, { at: time + delayMs, callback })
      return id
    },
    clearTimeout: id => void due.delete(id as number),
    advance(ms) {
      const end = time + ms
      for (;;) {
        const [next] = [...due].filter(([, each]) => each.at <= end).toSorted(([, a], [, b]) => a.at - b.at)
        if (next === undefined) break
        due.delete(next[0])
        time = Math.max(time, next[1].at)
        next[1].callback()
      }
      time = end
    },
  }
}
