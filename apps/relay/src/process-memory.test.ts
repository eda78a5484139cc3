import { expect, test } from 'vitest'

import { processMemory } from './process-memory.ts'

test('[B7] memory that nobody uses any more goes back to the system when it is reclaimed', () => {
  const memory = processMemory()
  const hold = (): number => {
    const kept = Array.from({ length: 2_000_000 }, (_, index) => ({ index }))
    return memory.rssBytes() + kept.length * 0
  }
  const before = memory.rssBytes()
  const full = hold()
  expect(full - before).toBeGreaterThan(50_000_000)
  memory.reclaim?.()
  expect(memory.rssBytes()).toBeLessThan(full - 50_000_000)
})
