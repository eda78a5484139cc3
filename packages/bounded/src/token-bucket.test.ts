import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { TokenBucket } from './token-bucket.ts'

describe('TokenBucket', () => {
  it('allows its capacity at once, then its rate', () => {
    let now = 0
    const bucket = new TokenBucket({ capacity: 3, refillPerSecond: 2, now: () => now })
    expect([bucket.tryTake(), bucket.tryTake(), bucket.tryTake(), bucket.tryTake()]).toEqual([true, true, true, false])
    expect(bucket.msUntil()).toBe(500)
    now = 499
    expect(bucket.tryTake()).toBe(false)
    now = 500
    expect(bucket.tryTake()).toBe(true)
    expect(bucket.stats).toEqual({ taken: 4, refused: 2 })
  })

  it('takes all or nothing with tryTake, and what is there with takeUpTo', () => {
    const bucket = new TokenBucket({ capacity: 5, refillPerSecond: 0, now: () => 0 })
    expect(bucket.tryTake(6)).toBe(false)
    expect(bucket.takeUpTo(3)).toBe(3)
    expect(bucket.takeUpTo(3)).toBe(2)
    expect(bucket.msUntil(1)).toBe(Number.POSITIVE_INFINITY)
  })

  it('gives nothing for a clock that jumps back, and goes on from there', () => {
    let now = 1_000
    const bucket = new TokenBucket({ capacity: 1, refillPerSecond: 1, now: () => now })
    bucket.tryTake()
    now = 0
    expect(bucket.available).toBe(0)
    now = 1_000
    expect(bucket.available).toBe(1)
  })

  it('knows no limit when its capacity is infinite', () => {
    const bucket = new TokenBucket({ capacity: Number.POSITIVE_INFINITY, refillPerSecond: 0 })
    expect(bucket.tryTake(1e12)).toBe(true)
    expect(bucket.takeUpTo(1e12)).toBe(1e12)
  })

  it('refuses rates that make no sense', () => {
    for (const refillPerSecond of [-1, Number.NaN]) {
      expect(() => new TokenBucket({ capacity: 1, refillPerSecond })).toThrow(
        expect.objectContaining({ code: 'bounded/invalid-option' }),
      )
    }
  })

  it('never gives more than its capacity and what flowed in since', () => {
    const step = fc.record({ waitMs: fc.integer({ min: -500, max: 5_000 }), count: fc.nat(20) })
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), fc.array(step, { maxLength: 100 }), (capacity, refillPerSecond, steps) => {
        let now = 0
        let forwardMs = 0
        let given = 0
        const bucket = new TokenBucket({ capacity, refillPerSecond, now: () => now })
        for (const { waitMs, count } of steps) {
          now += waitMs
          forwardMs += Math.max(0, waitMs)
          given += bucket.takeUpTo(count)
          expect(given).toBeLessThanOrEqual(capacity + (forwardMs * refillPerSecond) / 1_000 + 1e-6)
        }
      }),
      { numRuns: 200 },
    )
  })
})
