import { type ClockSetting } from '@tsugi/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type PlayerClock, clockAfterMove, readClock, remainingMs, startClock } from './clock.ts'

const minute = 60_000
const absolute: ClockSetting = { type: 'absolute', mainMs: 5 * minute }
const fischer: ClockSetting = { type: 'fischer', mainMs: minute, incrementMs: 10_000 }
const byoyomi: ClockSetting = { type: 'byoyomi', mainMs: minute, periodMs: 30_000, periods: 3 }
const canadian: ClockSetting = { type: 'canadian', mainMs: minute, periodMs: 5 * minute, stones: 3 }

function running(setting: ClockSetting): PlayerClock {
  return { ...startClock(setting), started: true }
}

describe('clocks', () => {
  it('[K3] start with the player’s own first move, which costs nothing', () => {
    const first = clockAfterMove(absolute, startClock(absolute), 99 * minute)
    expect(first).toMatchObject({ mainMs: 5 * minute, started: true })
    expect(readClock(absolute, startClock(absolute), 99 * minute).isOutOfTime).toBe(false)
  })
  it('[K4] absolute: time only goes, and none left is too late', () => {
    expect(clockAfterMove(absolute, running(absolute), minute)).toMatchObject({ mainMs: 4 * minute })
    expect(clockAfterMove(absolute, running(absolute), 5 * minute - 1)).toMatchObject({ mainMs: 1 })
    expect(clockAfterMove(absolute, running(absolute), 5 * minute)).toBeNull()
  })
  it('[K4] Fischer: each move adds its increment after it was made', () => {
    expect(clockAfterMove(fischer, running(fischer), 20_000)).toMatchObject({ mainMs: 50_000 })
    expect(clockAfterMove(fischer, running(fischer), minute)).toBeNull()
  })
  it('[K4] byo-yomi: a period is lost only when it is used up', () => {
    const inMain = clockAfterMove(byoyomi, running(byoyomi), 50_000)
    expect(inMain).toMatchObject({ mainMs: 10_000, periods: 3 })
    expect(clockAfterMove(byoyomi, { ...running(byoyomi), mainMs: 10_000 }, 35_000)).toMatchObject({
      mainMs: 0,
      periods: 3,
    })
    expect(clockAfterMove(byoyomi, { ...running(byoyomi), mainMs: 0 }, 29_999)).toMatchObject({ periods: 3 })
    expect(clockAfterMove(byoyomi, { ...running(byoyomi), mainMs: 0 }, 30_000)).toMatchObject({ periods: 2 })
    expect(clockAfterMove(byoyomi, { ...running(byoyomi), mainMs: 0 }, 90_000)).toBeNull()
  })
  it('[K4] Canadian: a period renews when its stones have been played', () => {
    let clock: PlayerClock | null = { ...running(canadian), mainMs: 0 }
    for (const left of [2, 1]) {
      clock = clock === null ? null : clockAfterMove(canadian, clock, minute)
      expect(clock).toMatchObject({ periods: left })
    }
    clock = clock === null ? null : clockAfterMove(canadian, clock, minute)
    expect(clock).toMatchObject({ periods: 3, overtimeMs: 5 * minute })
    expect(clockAfterMove(canadian, { ...running(canadian), mainMs: 0 }, 5 * minute)).toBeNull()
    // The move that leaves the main time behind is the first stone of the period.
    expect(clockAfterMove(canadian, running(canadian), 90_000)).toMatchObject({
      mainMs: 0,
      periods: 2,
      overtimeMs: 4.5 * minute,
    })
  })
  it('[K4] for any thinking: what is shown as left is what can still be spent, and spending never adds time', () => {
    const setting = fc.constantFrom(absolute, fischer, byoyomi, canadian)
    fc.assert(
      fc.property(setting, fc.array(fc.nat(40_000), { maxLength: 30 }), (clockSetting, thoughts) => {
        let clock = running(clockSetting)
        for (const spent of thoughts) {
          const reading = readClock(clockSetting, clock, spent)
          expect(reading.remainingMs).toBe(Math.max(0, remainingMs(clockSetting, clock) - spent))
          const after = clockAfterMove(clockSetting, clock, spent)
          expect(after === null).toBe(reading.isOutOfTime)
          if (after === null) return
          expect(after.mainMs).toBeGreaterThanOrEqual(0)
          expect(after.overtimeMs).toBeGreaterThanOrEqual(0)
          clock = after
        }
      }),
    )
  })
})
