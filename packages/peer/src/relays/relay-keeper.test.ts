import { TaskGroup } from '@tsugi/bounded'
import { refuse } from '@tsugi/protocol'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'

import { RelayKeeper, type RelayKeeperPorts } from './relay-keeper.ts'
import { parseRelaySource } from './relay-source.ts'

/** A relay that cannot be had for as long as a test lasts, and each wait for it: how long, after how long. */
function missing(ports: Partial<RelayKeeperPorts>) {
  const tasks = new TaskGroup()
  onTestFinished(() => tasks.stop())
  const waits: { waitMs: number; goneMs: number }[] = []
  const begunAt = Date.now()
  const never = (): never => expect.unreachable()
  const keeper = new RelayKeeper(parseRelaySource('http://relay.example'), {
    tasks,
    describe: async () => refuse('relay/unreachable'),
    onDescribed: never,
    learnAddresses: () => {},
    isTaken: () => false,
    dial: () => Promise.reject(new Error('refused')),
    reserve: never,
    release: never,
    protect: never,
    isOnline: () => false,
    onChange(change, { status }) {
      if (change === 'lost') waits.push({ waitMs: (status.retryAt ?? 0) - Date.now(), goneMs: Date.now() - begunAt })
    },
    ...ports,
  })
  keeper.start()
  return waits
}

describe('a relay that is gone', () => {
  beforeEach(() => {
    vi.useFakeTimers()
    // No jitter: the longest waits.
    vi.spyOn(Math, 'random').mockReturnValue(0.999_999)
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  it('is found again within a fifth of the time that it was gone, while nothing else carries our messages [B10]', async () => {
    const waits = missing({})
    await vi.advanceTimersByTimeAsync(120_000)
    expect(waits.length).toBeGreaterThan(15)
    for (const { waitMs, goneMs } of waits) expect(waitMs).toBeLessThanOrEqual(500 + goneMs / 5 + waits.length)
  })

  it('is not punished for its absence when it answers, and cannot take us yet [B10]', async () => {
    let isStarting = false
    const waits = missing({ describe: async () => refuse(isStarting ? 'relay/http-status' : 'relay/unreachable') })
    await vi.advanceTimersByTimeAsync(60_000)
    isStarting = true
    const seen = waits.length
    await vi.advanceTimersByTimeAsync(15_000)
    expect(waits.slice(seen, seen + 3).map(({ waitMs }) => waitMs)).toEqual([500, 1_000, 2_000])
  })

  it.each<[string, Partial<RelayKeeperPorts>]>([
    ['another one carries our messages', { isOnline: () => true }],
    [
      'somebody answers there, who may have too much to do',
      { describe: async () => refuse('relay/http-status', '503') },
    ],
  ])('is asked ever more rarely when %s', async (_, ports) => {
    const waits = missing(ports)
    await vi.advanceTimersByTimeAsync(120_000)
    expect(waits.slice(0, 8).map(({ waitMs }) => waitMs)).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
    ])
  })
})
