import type { ClockReading } from '@tsugi/match'
import type { ClockSetting } from '@tsugi/protocol'

import { clockText } from './clock-text.ts'
import type { ClockFace } from './game-model.ts'

/** Under this a clock is shown as running out. */
const lowMs = 10_000

/**
 * What a clock shows.
 *
 * @param reading - the clock as it was read `elapsedMs` ago
 * @param isRunning - whether it has run since
 */
export function clockFace(
  setting: ClockSetting,
  reading: ClockReading,
  elapsedMs: number,
  isRunning: boolean,
): ClockFace | null {
  if (setting.type === 'none') return null
  const ran = isRunning && reading.started ? Math.max(0, elapsedMs) : 0
  const remaining = Math.max(0, reading.remainingMs - ran)
  const main = Math.max(0, reading.mainMs - ran)
  const face = (ms: number, detail: string): ClockFace => ({
    text: clockText(ms),
    detail,
    isLow: reading.started && ms <= lowMs,
    isRunning: isRunning && reading.started && remaining > 0,
  })
  switch (setting.type) {
    case 'absolute':
      return face(remaining, '')
    case 'fischer':
      return face(remaining, setting.incrementMs === 0 ? '' : `+ ${spanText(setting.incrementMs)}`)
    case 'byoyomi': {
      const period = spanText(setting.periodMs)
      if (main > 0) return { ...face(main, `${reading.periods} × ${period}`), isLow: false }
      const left = Math.max(1, Math.ceil(remaining / setting.periodMs))
      return face(remaining - (left - 1) * setting.periodMs, left === 1 ? 'last period' : `${left} × ${period}`)
    }
    case 'canadian':
      if (main > 0) return { ...face(main, `${setting.stones} in ${spanText(setting.periodMs)}`), isLow: false }
      return face(remaining, `${reading.periods} ${reading.periods === 1 ? 'move' : 'moves'} left`)
  }
}

/** A clock setting as a sentence. */
export function clockSentence(setting: ClockSetting): string {
  switch (setting.type) {
    case 'none':
      return 'No clock.'
    case 'absolute':
      return `${spanText(setting.mainMs)} for the whole game.`
    case 'fischer':
      return `${spanText(setting.mainMs)}, ${spanText(setting.incrementMs)} added each move.`
    case 'byoyomi':
      return `${spanText(setting.mainMs)}, then ${setting.periods} × ${spanText(setting.periodMs)}.`
    case 'canadian':
      return `${spanText(setting.mainMs)}, then ${setting.stones} moves in ${spanText(setting.periodMs)}.`
  }
}

/** A length of time in words: `10 min`, `30 s`, `1 min 30 s`. Spaces do not break. */
export function spanText(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  const seconds = Math.round((ms % 60_000) / 1_000)
  if (minutes === 0) return `${seconds}\u00a0s`
  return seconds === 0 ? `${minutes}\u00a0min` : `${minutes}\u00a0min ${seconds}\u00a0s`
}
