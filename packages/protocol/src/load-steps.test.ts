import fc from 'fast-check'
import { expect, test } from 'vitest'

import { defaultLimits, resolveLimits } from './limits.ts'
import { ADAPTIVE_LIMITS, LOAD_STEPS, limitsUnderLoad } from './load-steps.ts'

test('[A7] the steps tighten further with more load, and each is left below where it was taken', () => {
  for (const [index, step] of LOAD_STEPS.entries()) {
    const before = LOAD_STEPS[index - 1]
    if (before === undefined) continue
    expect(step.factor).toBeLessThan(before.factor)
    expect(step.tightensAt).toBeGreaterThan(before.tightensAt)
    expect(step.relaxesBelow).toBeLessThan(step.tightensAt)
    expect(step.relaxesBelow).toBeGreaterThanOrEqual(before.relaxesBelow)
  }
})

test('[A7] whatever was configured, no limit grows under load, falls below its floor, or is lifted; all others stay', () => {
  const names = Object.keys(ADAPTIVE_LIMITS) as (keyof typeof ADAPTIVE_LIMITS)[]
  const value = fc.oneof(fc.nat(1e9), fc.constant(Number.POSITIVE_INFINITY))
  fc.assert(
    fc.property(fc.tuple(...names.map(() => value)), fc.constantFrom(...LOAD_STEPS), (values, { factor }) => {
      const limits = resolveLimits(Object.fromEntries(names.map((name, index) => [name, values[index]])))
      const tight = limitsUnderLoad(limits, factor)
      for (const name of names) {
        const { floor } = ADAPTIVE_LIMITS[name]
        expect(tight[name]).toBeLessThanOrEqual(limits[name])
        expect(tight[name]).toBeGreaterThanOrEqual(Math.min(limits[name], floor))
        expect(Number.isFinite(tight[name])).toBe(Number.isFinite(limits[name]))
      }
      const rest = (all: typeof limits) => Object.entries(all).filter(([name]) => !Object.hasOwn(ADAPTIVE_LIMITS, name))
      expect(rest(tight)).toEqual(rest(limits))
    }),
  )
})

test('[A5] [A7] what a circuit’s ends were told does not follow the load', () => {
  const tight = limitsUnderLoad(defaultLimits, 0.25)
  expect(tight).toMatchObject({
    circuitBytes: defaultLimits.circuitBytes,
    circuitDurationMs: defaultLimits.circuitDurationMs,
    circuitBufferBytes: defaultLimits.circuitBufferBytes,
    peerBytesPerSecond: 250_000,
    peerCircuits: 2,
  })
})
