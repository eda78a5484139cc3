import { LOAD_STEPS, relaxAfterMs } from '@tsugi/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { LoadControl } from './load-control.ts'

function setUp() {
  const clock = { now: 0 }
  const factors: number[] = []
  const control = new LoadControl(
    () => clock.now,
    ({ factor }) => factors.push(factor),
  )
  const sample = (load: number, seconds = 1): number => {
    for (let second = 0; second < seconds; second += 1) {
      clock.now += 1_000
      control.sample(load)
    }
    return control.factor
  }
  return { sample, factors, control }
}

test('[A7] limits tighten at once as the load grows, and relax step by step after it has stayed low', () => {
  const { sample, factors } = setUp()
  expect(sample(0.69)).toBe(1)
  expect(sample(0.95)).toBe(0.25)
  expect(sample(0.79, relaxAfterMs / 1_000)).toBe(0.25)
  expect(sample(0.79)).toBe(0.5)
  expect(sample(0.1, 200)).toBe(1)
  expect(factors).toEqual([0.25, 0.5, 0.75, 1])
})

test('[A7] a load that swings between two steps does not make limits swing', () => {
  const { sample, factors } = setUp()
  for (let swing = 0; swing < 100; swing += 1) {
    sample(0.82, 5)
    sample(0.72, 5)
  }
  expect(factors).toEqual([0.5])
})

test('[A7] whatever the load does, a full relay is at its tightest, and an idle one is back at its configuration', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 3, noNaN: true })), loads => {
      const { sample } = setUp()
      for (const load of loads) sample(load)
      expect(sample(1)).toBe(LOAD_STEPS.at(-1)?.factor)
      expect(sample(0, (relaxAfterMs / 1_000 + 1) * LOAD_STEPS.length)).toBe(1)
    }),
  )
})
