import type { ClockSetting } from '@tsugi/protocol'

import type { ClockChoice } from './clock-choice.ts'

/** A clock as the game's first record holds it. */
export function clockSettingOf(choice: ClockChoice): ClockSetting {
  const mainMs = choice.mainMinutes * 60_000
  const periodMs = choice.periodSeconds * 1_000
  switch (choice.kind) {
    case 'none':
      return { type: 'none' }
    case 'absolute':
      return { type: 'absolute', mainMs: Math.max(mainMs, 60_000) }
    case 'fischer': {
      const incrementMs = choice.incrementSeconds * 1_000
      // Fischer without main time starts with one increment: a clock cannot start at nothing.
      return { type: 'fischer', mainMs: mainMs === 0 ? incrementMs : mainMs, incrementMs }
    }
    case 'byo-yomi':
      return { type: 'byoyomi', mainMs, periodMs, periods: choice.periods }
    case 'canadian':
      return { type: 'canadian', mainMs, periodMs, stones: choice.moves }
  }
}
