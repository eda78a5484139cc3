import { TaskGroup } from '@tsugi/bounded'
import { refuse } from '@tsugi/protocol'
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest'

import { RelayPool } from './relay-pool.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('after a sleep every relay that is waited for is tried at once [B10]', async () => {
  const tasks = new TaskGroup()
  onTestFinished(() => tasks.stop())
  const changes: string[] = []
  const never = (): never => {
    throw new Error('not asked for')
  }
  const pool = new RelayPool({
    tasks,
    limits: { knownRelays: 10 },
    slots: 2,
    reservations: { reserve: never, release: never, follow: () => () => {} },
    describe: async () => refuse('relay/unreachable'),
    ask: never,
    dial: async () => Promise.reject(new Error('the network is down')),
    protect: async () => {},
    isBusy: () => false,
    onChange: (change, { source }) => changes.push(`${change} ${new URL(source).port}`),
  })
  for (const port of [1, 2]) pool.add(`http://127.0.0.1:${port}`)
  pool.start()
  await vi.advanceTimersByTimeAsync(60_000)
  // By now the waits are long.
  const longestMs = Math.min(...pool.list().map(({ retryAt = 0 }) => retryAt - Date.now()))
  expect(longestMs).toBeGreaterThan(0)
  changes.length = 0
  pool.retry()
  await vi.advanceTimersByTimeAsync(0)
  expect(changes.toSorted()).toEqual(['connecting 1', 'connecting 2', 'lost 1', 'lost 2'])
})
