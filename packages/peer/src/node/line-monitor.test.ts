import type { Connection } from '@libp2p/interface'
import { TaskGroup } from '@tsugi/bounded'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'

import { LineMonitor, type LineMonitorOptions, urgentPingMs } from './line-monitor.ts'

/** A line that answers pings when a test lets it. */
function line(peer = 'somebody') {
  const pings: PromiseWithResolvers<number>[] = []
  const remotePeer = { toString: () => peer }
  const connection = { status: 'open', remotePeer, abort: () => (connection.status = 'aborted') }
  return { connection: connection as unknown as Connection, pings, isOpen: () => connection.status === 'open' }
}

function monitor(lines: readonly ReturnType<typeof line>[], options: Partial<LineMonitorOptions> = {}) {
  const tasks = new TaskGroup()
  onTestFinished(() => tasks.stop())
  const told: string[] = []
  const watched = new LineMonitor({
    tasks,
    connections: () => lines.map(({ connection }) => connection),
    pace: () => () => urgentPingMs,
    onRoundTrip: () => told.push('answer'),
    onSilent: (_, silentMs) => told.push(`silent for ${silentMs}`),
    ping(connection, signal) {
      const ping = Promise.withResolvers<number>()
      lines.find(each => each.connection === connection)?.pings.push(ping)
      signal.addEventListener('abort', () => ping.reject(signal.reason))
      return ping.promise
    },
    ...options,
  })
  return { told, watched }
}

/** Fake timers, for a test that waits for abort signals too: the runtime's own are not moved with them. */
function fakeSignalsToo(): void {
  vi.useFakeTimers()
  vi.spyOn(AbortSignal, 'timeout').mockImplementation(ms => {
    const over = new AbortController()
    setTimeout(() => over.abort(new Error('timeout')), ms)
    return over.signal
  })
  onTestFinished(() => {
    vi.restoreAllMocks()
    vi.useRealTimers()
  })
}

describe('a line that somebody waits behind', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('is suspected three and a half seconds after it fell silent, and heard of again when it answers [B10]', async () => {
    const slow = line()
    const { told } = monitor([slow])
    await vi.advanceTimersByTimeAsync(3_499)
    expect(told).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(told).toEqual(['silent for 1500'])
    slow.pings[0]?.resolve(4_000)
    await vi.advanceTimersByTimeAsync(0)
    expect(told).toEqual(['silent for 1500', 'answer'])
  })

  it('is asked once at a time, and given four times as long as it took before', async () => {
    const far = line()
    const { told } = monitor([far])
    await vi.advanceTimersByTimeAsync(2_000)
    far.pings[0]?.resolve(600)
    await vi.advanceTimersByTimeAsync(2_000 + 2_399)
    expect(far.pings).toHaveLength(2)
    expect(told).toEqual(['answer'])
    await vi.advanceTimersByTimeAsync(1)
    expect(told).toEqual(['answer', 'silent for 2400'])
  })
})

describe('a line that falls silent', () => {
  it('has the others asked at once, which the same may have taken, but for those that have just been asked [B10]', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const [silent, resting, fresh] = [line(), line(), line()]
    const paces = new Map([
      [silent.connection, 3_000],
      [resting.connection, 600_000],
      [fresh.connection, 4_000],
    ])
    monitor([silent, resting, fresh], { pace: () => connection => paces.get(connection) ?? 0 })
    await vi.advanceTimersByTimeAsync(4_000)
    fresh.pings[0]?.resolve(1)
    await vi.advanceTimersByTimeAsync(500)
    expect([silent, resting, fresh].map(({ pings }) => pings.length)).toEqual([1, 1, 1])
  })
})

describe('one of many lines that falls silent', () => {
  it('has a few others asked, those first that are asked most often', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const [silent, relay] = [line(), line()]
    const many = Array.from({ length: 30 }, () => line())
    const paces = new Map([
      [silent.connection, 3_000],
      [relay.connection, 10_000],
    ])
    monitor([silent, ...many, relay], { pace: () => connection => paces.get(connection) ?? 600_000 })
    await vi.advanceTimersByTimeAsync(4_500)
    expect(relay.pings).toHaveLength(1)
    expect(many.filter(({ pings }) => pings.length > 0)).toHaveLength(7)
  })
})

describe('a line to somebody who says that they have come anew', () => {
  it('is closed when it misses one ping, and those to others are left alone [T7]', async () => {
    fakeSignalsToo()
    const [dead, alive, other] = [line('back'), line('back'), line('other')]
    const checked = monitor([dead, alive, other]).watched.checkTo('back')
    alive.pings[0]?.resolve(1)
    await vi.advanceTimersByTimeAsync(1_499)
    expect([dead, alive, other].map(each => [each.pings.length, each.isOpen()])).toEqual([
      [1, true],
      [1, true],
      [0, true],
    ])
    await vi.advanceTimersByTimeAsync(1)
    await checked
    expect([dead, alive].map(each => each.isOpen())).toEqual([false, true])
  })
})

describe('a line', () => {
  it('is asked as often as is said of it at that moment, in whole seconds [W7]', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const quiet = line()
    let everyMs = 10_000
    const answer = async (ms: number): Promise<number> => {
      const before = quiet.pings.length
      for (let second = 0; second < ms; second += 1_000) {
        await vi.advanceTimersByTimeAsync(1_000)
        quiet.pings.at(-1)?.resolve(1)
      }
      return quiet.pings.length - before
    }
    monitor([quiet], { pace: () => () => everyMs })
    expect(await answer(20_000)).toBe(2)
    everyMs = 3_500
    expect(await answer(20_000)).toBe(5)
    everyMs = urgentPingMs
    expect(await answer(20_000)).toBe(10)
  })
})

describe('every line', () => {
  it('is dead ten and a half seconds after a ping that nothing answers, and not before [B10]', async () => {
    fakeSignalsToo()
    const dead = line()
    void monitor([dead], { pace: () => () => 600_000 }).watched.checkAll()
    await vi.advanceTimersByTimeAsync(10_499)
    expect([dead.pings.length, dead.isOpen()]).toEqual([2, true])
    await vi.advanceTimersByTimeAsync(1)
    expect(dead.isOpen()).toBe(false)
  })

  it('is asked at once after a sleep, and closed when it misses two pings', async () => {
    const [dead, alive] = [line(), line()]
    const { told, watched } = monitor([dead, alive], { timeoutMs: 20, pace: () => () => 600_000 })
    const checked = watched.checkAll()
    expect([dead.pings.length, alive.pings.length]).toEqual([1, 1])
    alive.pings[0]?.resolve(1)
    await checked
    expect(dead.pings).toHaveLength(2)
    expect([dead.isOpen(), alive.isOpen()]).toEqual([false, true])
    expect(told).toEqual(['answer'])
  })
})
