import { type Timers, systemTimers } from '@tsugi/bounded'

/** Longer waits than this are the calendar's, and come when the test says so. */
const calendarMs = 60_000

/** Real time that a test can set forward: sockets go on as ever, the calendar jumps. */
export interface ShiftableTimers extends Timers {
  /** Sets the clock forward, and calls what waited for the calendar. */
  shift(ms: number): void
}

export function createShiftableTimers(): ShiftableTimers {
  let shiftedMs = 0
  const waiting = new Map<symbol, () => void>()
  return {
    now: () => systemTimers.now() + shiftedMs,
    setTimeout(callback, delayMs) {
      if (delayMs < calendarMs) return systemTimers.setTimeout(callback, delayMs)
      const id = Symbol('calendar')
      waiting.set(id, callback)
      return id
    },
    clearTimeout(id) {
      if (typeof id === 'symbol') waiting.delete(id)
      else systemTimers.clearTimeout(id)
    },
    shift(ms) {
      shiftedMs += ms
      const due = [...waiting]
      for (const [id, callback] of due) {
        waiting.delete(id)
        callback()
      }
    },
  }
}
