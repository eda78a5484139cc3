import fc from 'fast-check'
import { expect, it } from 'vitest'

import { clockSkewMs, periodAt, periodMs, validityMs } from './calendar.ts'

it('finds, for any time and offset, the one period that the time lies in', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 0, max: periodMs }), (now, offset) => {
      const period = periodAt(now, offset)
      expect(period.startMs).toBeLessThanOrEqual(now)
      expect(now).toBeLessThan(period.endMs)
      expect(periodAt(period.endMs, offset).index).toBe(period.index + 1)
    }),
  )
})

it('keeps a certificate valid for whoever’s clock is off by the allowance, within the 14 days of the browsers', () => {
  expect(periodMs + 2 * clockSkewMs).toBe(validityMs)
  expect(validityMs).toBe(14 * 24 * 3_600_000)
})
