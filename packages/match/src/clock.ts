import { type ClockAfter, type ClockSetting } from '@tsugi/protocol'

/**
 * One player's clock between moves. `periods`: byo-yomi periods left, or stones left to play in the Canadian period that runs.
 * `overtimeMs`: what is left of that Canadian period; 0 for the other kinds.
 */
export interface PlayerClock {
  readonly mainMs: number
  readonly periods: number
  readonly overtimeMs: number
  /** Runs only after the player's own first move. [K3] */
  readonly started: boolean
}

/** A clock as it is shown. */
export interface ClockReading extends PlayerClock {
  /** All the time until the player loses on it. Infinite without a clock. */
  readonly remainingMs: number
  readonly isOutOfTime: boolean
}

/** The clock that a player starts with. [K1] */
export function startClock(setting: ClockSetting): PlayerClock {
  switch (setting.type) {
    case 'none':
      return { mainMs: 0, periods: 0, overtimeMs: 0, started: false }
    case 'absolute':
    case 'fischer':
      return { mainMs: setting.mainMs, periods: 0, overtimeMs: 0, started: false }
    case 'byoyomi':
      return { mainMs: setting.mainMs, periods: setting.periods, overtimeMs: 0, started: false }
    case 'canadian':
      return { mainMs: setting.mainMs, periods: setting.stones, overtimeMs: setting.periodMs, started: false }
  }
}

/** How long the player may still think before losing on time. */
export function remainingMs(setting: ClockSetting, clock: PlayerClock): number {
  switch (setting.type) {
    case 'none':
      return Number.POSITIVE_INFINITY
    case 'absolute':
    case 'fischer':
      return clock.mainMs
    case 'byoyomi':
      return clock.mainMs + clock.periods * setting.periodMs
    case 'canadian':
      return clock.mainMs + clock.overtimeMs
  }
}

/**
 * The clock after `spentMs` of thinking and a move; null when the time had run out: a move must be made with time left. The first
 * move costs nothing, whatever it took. [K3] [K4]
 */
export function clockAfterMove(setting: ClockSetting, clock: PlayerClock, spentMs: number): PlayerClock | null {
  if (setting.type === 'none' || !clock.started) return { ...clock, started: true }
  const thought = clockAfterThinking(setting, clock, spentMs)
  if (thought === null) return null
  switch (setting.type) {
    case 'fischer':
      return { ...thought, mainMs: thought.mainMs + setting.incrementMs }
    case 'canadian':
      return isInOvertime(clock, spentMs) ? stonePlayed(setting.stones, setting.periodMs, thought) : thought
    case 'absolute':
    case 'byoyomi':
      return thought
  }
}

/** The clock after `spentMs` of thinking, before any move; null when the time has run out. */
export function clockAfterThinking(setting: ClockSetting, clock: PlayerClock, spentMs: number): PlayerClock | null {
  if (setting.type === 'none') return clock
  if (spentMs >= remainingMs(setting, clock)) return null
  const mainMs = Math.max(0, clock.mainMs - spentMs)
  const over = Math.max(0, spentMs - clock.mainMs)
  switch (setting.type) {
    case 'absolute':
    case 'fischer':
      return { ...clock, mainMs }
    case 'byoyomi':
      return { ...clock, mainMs, periods: clock.periods - Math.floor(over / setting.periodMs) }
    case 'canadian':
      return { ...clock, mainMs, overtimeMs: clock.overtimeMs - over }
  }
}

/** A clock as it is shown after `runningMs` of running. */
export function readClock(setting: ClockSetting, clock: PlayerClock, runningMs: number): ClockReading {
  const elapsed = clock.started ? Math.max(0, runningMs) : 0
  const thought = clockAfterThinking(setting, clock, elapsed)
  if (thought === null) return { ...clock, mainMs: 0, periods: 0, overtimeMs: 0, remainingMs: 0, isOutOfTime: true }
  return { ...thought, remainingMs: remainingMs(setting, clock) - elapsed, isOutOfTime: false }
}

/** A clock after a move as its record holds it. [K2] */
export function toClockAfter(spentMs: number, clock: PlayerClock): ClockAfter {
  return [spentMs, clock.mainMs, clock.periods, clock.overtimeMs]
}

/** Whether a record's clock is the one that follows. [K4] */
export function isSameClock(written: ClockAfter, clock: PlayerClock): boolean {
  return written[1] === clock.mainMs && written[2] === clock.periods && written[3] === clock.overtimeMs
}

function isInOvertime(before: PlayerClock, spentMs: number): boolean {
  return spentMs > before.mainMs || before.mainMs === 0
}

function stonePlayed(stones: number, periodMs: number, clock: PlayerClock): PlayerClock {
  if (clock.periods > 1) return { ...clock, periods: clock.periods - 1 }
  return { ...clock, periods: stones, overtimeMs: periodMs }
}
