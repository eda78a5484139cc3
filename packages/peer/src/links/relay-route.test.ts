import { TaskGroup } from '@tsugi/bounded'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { RelayRoute } from './relay-route.ts'

const timing = { routeMs: 150_000, routeAfterLossMs: 2_500, askAfterMs: 15_000, answerMs: 6_000 }

describe('the route over the relay', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const open = () => {
    const timers: Array<() => void> = []
    const setTimeout = (callback: () => void): number => timers.push(callback)
    const tasks = new TaskGroup({ timers: { now: () => Date.now(), setTimeout, clearTimeout: () => {} } })
    const ended: string[] = []
    const asked: boolean[] = []
    const ask = (isRoutine: boolean): boolean => asked.push(isRoutine) > 0
    const route = new RelayRoute({ tasks, timing, ask, onEnd: reason => ended.push(reason) })
    return { route, ended, asked, fire: () => timers.at(-1)?.() }
  }

  test.each([
    ['on time', timing.routeAfterLossMs],
    ['a millisecond early by the clock', timing.routeAfterLossMs - 1],
  ])('ends when its timer does: %s [B10]', (_when, afterMs) => {
    const { route, ended, fire } = open()
    route.heard()
    route.lineBroke(true)
    expect(route.stands).toBe(true)
    vi.advanceTimersByTime(afterMs)
    fire()
    expect([route.stands, ended]).toEqual([false, ['the line broke, and nothing has been heard since']])
  })

  test('lasts when the peer is heard after the line broke', () => {
    const { route, ended } = open()
    route.heard()
    route.lineBroke(true)
    expect(route.heard()).toBe(true)
    vi.advanceTimersByTime(timing.routeAfterLossMs)
    expect([route.stands, ended]).toEqual([true, []])
  })

  test.each([-3_600_000, 3_600_000])('lasts as long when the clock is set %i ms off', offMs => {
    const { route } = open()
    vi.advanceTimersByTime(1)
    route.heard()
    vi.setSystemTime(Date.now() + offMs)
    vi.advanceTimersByTime(timing.routeMs - 1)
    expect(route.stands).toBe(true)
    expect(route.heard()).toBe(true)
    vi.advanceTimersByTime(timing.routeMs)
    expect(route.stands).toBe(false)
  })

  test('ends at once when the line to a peer broke that is on no topic with us', () => {
    const { route } = open()
    route.heard()
    route.lineBroke(false)
    expect(route.stands).toBe(false)
  })

  test('that is doubted has as long as an answer takes', () => {
    const { route, ended, asked, fire } = open()
    route.heard()
    route.doubt(true)
    vi.advanceTimersByTime(timing.answerMs - 1)
    expect([route.stands, asked]).toEqual([true, [true]])
    fire()
    expect([route.stands, ended]).toEqual([false, ['it does not answer any more']])
  })
})
