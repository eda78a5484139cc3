import { describe, expect, test } from 'vitest'

import { createFakeTimers } from '../../test-support/fake-timers.ts'
import { Liveness } from './liveness.ts'

/** A session that answers, or does not. */
function createSession(isAlive: () => boolean): {
  pings: number
  isAborted: boolean
  hasHeard: boolean
  takeHeard(): boolean
  ping(): void
  abort(): void
} {
  return {
    pings: 0,
    isAborted: false,
    hasHeard: false,
    takeHeard() {
      const { hasHeard } = this
      this.hasHeard = false
      return hasHeard
    },
    ping() {
      this.pings += 1
      this.hasHeard = isAlive()
    },
    abort() {
      this.isAborted = true
    },
  }
}

describe('liveness', () => {
  test('asks who is silent, and keeps whoever answers', () => {
    const timers = createFakeTimers()
    const liveness = new Liveness({ silenceMs: 15_000, timers })
    const session = createSession(() => true)
    liveness.watch(session)
    timers.advance(600_000)
    expect(session.isAborted).toBe(false)
    // Every other look finds the answer to the one before.
    expect(session.pings).toBe(20)
  })

  test('does not ask who speaks', () => {
    const timers = createFakeTimers()
    const liveness = new Liveness({ silenceMs: 15_000, timers })
    const session = createSession(() => true)
    liveness.watch(session)
    for (let second = 0; second < 300; second += 1) {
      session.hasHeard = true
      timers.advance(1_000)
    }
    expect(session.pings).toBe(0)
  })

  test('ends who does not answer within a minute, and forgives what is answered late', () => {
    const timers = createFakeTimers()
    const liveness = new Liveness({ silenceMs: 15_000, timers })
    let isAlive = false
    const [gone, slow] = [createSession(() => false), createSession(() => isAlive)]
    liveness.watch(gone)
    liveness.watch(slow)
    timers.advance(20_000)
    expect([gone.isAborted, slow.isAborted]).toEqual([false, false])
    isAlive = true
    timers.advance(30_000)
    expect([gone.isAborted, slow.isAborted]).toEqual([true, false])
    liveness.forget(gone)
    liveness.forget(gone)
    timers.advance(600_000)
    expect(slow.isAborted).toBe(false)
    expect(liveness.size).toBe(1)
  })

  test('asks thousands in turns, never all at once', () => {
    const timers = createFakeTimers()
    const liveness = new Liveness({ silenceMs: 15_000, timers })
    const sessions = Array.from({ length: 1_500 }, () => createSession(() => true))
    for (const session of sessions) liveness.watch(session)
    const asked = (): number => sessions.reduce((sum, session) => sum + session.pings, 0)
    for (let second = 1; second <= 15; second += 1) {
      timers.advance(1_000)
      expect(asked()).toBe(second * 100)
    }
  })
})
