import { clockAfterThinking, readClock, startClock } from '@tsugi/match'
import type { ClockSetting } from '@tsugi/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { clockFace, clockSentence, spanText } from './clock-face.ts'
import { clockText } from './clock-text.ts'

const byoyomi: ClockSetting = { type: 'byoyomi', mainMs: 60_000, periodMs: 30_000, periods: 3 }
const started = (setting: ClockSetting) => ({ ...startClock(setting), started: true })

describe('clockText', () => {
  it.each([
    [3_845_000, '1:04:05'],
    [245_000, '4:05'],
    [10_000, '0:10'],
    [9_950, '10.0'],
    [9_400, '9.4'],
    [1, '0.1'],
    [0, '0.0'],
    [-5, '0.0'],
  ])('%i ms reads %s', (ms, text) => expect(clockText(ms)).toBe(text))
})

describe('clockFace', () => {
  it('is absent without a clock', () => {
    expect(
      clockFace({ type: 'none' }, readClock({ type: 'none' }, startClock({ type: 'none' }), 0), 0, true),
    ).toBeNull()
  })

  it('stands still before the first move, since a clock starts after it', () => {
    const face = clockFace(byoyomi, readClock(byoyomi, startClock(byoyomi), 0), 5_000, true)
    expect(face).toMatchObject({ text: '1:00', detail: '3 × 30\u00a0s', isRunning: false, isLow: false })
  })

  it('goes from main time into the periods, and through them', () => {
    const reading = readClock(byoyomi, started(byoyomi), 0)
    const at = (ms: number) => clockFace(byoyomi, reading, ms, true)
    expect(at(59_000)).toMatchObject({ text: '1.0', detail: '3 × 30\u00a0s', isLow: false })
    expect(at(60_000)).toMatchObject({ text: '0:30', detail: '3 × 30\u00a0s' })
    expect(at(95_000)).toMatchObject({ text: '0:25', detail: '2 × 30\u00a0s' })
    expect(at(145_000)).toMatchObject({ text: '5.0', detail: 'last period', isLow: true })
    expect(at(200_000)).toMatchObject({ text: '0.0', isRunning: false })
  })

  it('shows the same whether it was read long ago or just now', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 149_000 }), fc.integer({ min: 0, max: 149_000 }), (a, b) => {
        const [early, late] = a < b ? [a, b] : [b, a]
        const old = clockFace(byoyomi, readClock(byoyomi, started(byoyomi), early), late - early, true)
        const fresh = clockFace(byoyomi, readClock(byoyomi, started(byoyomi), late), 0, true)
        expect(old?.text).toBe(fresh?.text)
      }),
      { numRuns: 200 },
    )
  })

  it('counts the moves of a Canadian period', () => {
    const setting: ClockSetting = { type: 'canadian', mainMs: 10_000, periodMs: 300_000, stones: 20 }
    const over = clockAfterThinking(setting, started(setting), 20_000)
    if (!over) throw new Error('still in time')
    expect(clockFace(setting, readClock(setting, over, 0), 0, true)).toMatchObject({
      text: '4:50',
      detail: '20 moves left',
    })
  })
})

it('says what a clock does', () => {
  expect(clockSentence(byoyomi)).toBe('1\u00a0min, then 3 × 30\u00a0s.')
  expect(spanText(90_000)).toBe('1\u00a0min 30\u00a0s')
})
