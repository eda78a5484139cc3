import { expect, test } from 'vitest'

import { memoryBlock } from './memory-level.ts'

test('the level is a warning from 80 % of the limit on', () => {
  expect(memoryBlock(399, 500).level).toBe('normal')
  expect(memoryBlock(400, 500)).toEqual({ rss_bytes: 400, limit_bytes: 500, level: 'warn' })
})

test('without a limit there is none in JSON either', () => {
  expect(memoryBlock(400, Number.POSITIVE_INFINITY)).toEqual({ rss_bytes: 400, limit_bytes: null, level: 'normal' })
})
