import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { backoffMs } from './backoff.ts'

describe('backoffMs', () => {
  it('doubles up to its ceiling', () => {
    const waits = [0, 1, 2, 3, 4].map(attempt => backoffMs(attempt, { firstMs: 100, maxMs: 500, random: () => 1 }))
    expect(waits).toEqual([100, 200, 400, 500, 500])
  })

  it('stays between half the wait and the wait, however many attempts there were', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, random) => {
        const wait = backoffMs(attempt, { firstMs: 500, maxMs: 30_000, factor: 4, random: () => random })
        expect(wait).toBeGreaterThanOrEqual(250)
        expect(wait).toBeLessThanOrEqual(30_000)
      }),
      { numRuns: 100 },
    )
  })
})
