import { expect, test } from 'vitest'

import { StoreMonitor, type StoreWarning } from './store-monitor.ts'

test('C4: warns once on crossing the threshold, and again only after the use has fallen below it', () => {
  const warnings: StoreWarning<'records'>[] = []
  let used = 0
  const read = () => ({ operations: 7, logs: 3, bytes: 100, used })
  const monitor = new StoreMonitor({ store: 'records', read, onWarning: each => warnings.push(each) })
  const warningsAt = (...uses: number[]): number => {
    const before = warnings.length
    for (used of uses) monitor.check()
    return warnings.length - before
  }
  expect(warningsAt(0, 0.79)).toBe(0)
  expect(warningsAt(0.8)).toBe(1)
  expect(warningsAt(0.81, 1, 0.79, 0.8, 0.76, 0.85)).toBe(0)
  expect(warningsAt(0.7, 0.79)).toBe(0)
  expect(warningsAt(0.9, 0.9)).toBe(1)
  expect(warnings[0]).toEqual({
    type: 'store:warning',
    store: 'records',
    operations: 7,
    logs: 3,
    bytes: 100,
    used: 0.8,
  })
})
