import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { RateLimiter } from './small-rate-limiter.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

it('lets each host have its share of a second, and the next second again', () => {
  const limiter = new RateLimiter({ points: 2, duration: 1 })
  const consume = (host: string) => () => limiter.consume(host)
  for (const host of ['a', 'b', 'a', 'b']) expect(consume(host)).not.toThrow()
  expect(consume('a')).toThrow('Rate limit exceeded')
  vi.advanceTimersByTime(1_000)
  expect(consume('a')).not.toThrow()
})
