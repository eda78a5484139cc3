import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { RelayStats } from '@tsugi/relay'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { type Recorder, startRecorder } from './recorder.ts'

let dataDir: string
let warnings: string[]
let figures: { peers: number; bytes: number; refused: number }
let cpuSeconds: number
let time: ReturnType<typeof createTime>
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tsugi-recorder-'))
  warnings = []
  figures = { peers: 0, bytes: 0, refused: 0 }
  cpuSeconds = 0
  time = createTime()
})
afterEach(() => rm(dataDir, { recursive: true }))

/** Time that a test moves by hand. */
function createTime() {
  let nowMs = 1_790_000_000_000
  const due = new Map<number, { atMs: number; callback: () => void }>()
  let nextId = 0
  return {
    now: () => nowMs,
    setTimeout(callback: () => void, delayMs: number) {
      nextId += 1
      due.set(nextId, { atMs: nowMs + delayMs, callback })
      return nextId
    },
    clearTimeout: (id: unknown) => void due.delete(id as number),
    get timers() {
      return due.size
    },
    advance(ms: number) {
      const end = nowMs + ms
      for (;;) {
        const [next] = [...due].filter(([, each]) => each.atMs <= end).toSorted(([, a], [, b]) => a.atMs - b.atMs)
        if (next === undefined) break
        due.delete(next[0])
        nowMs = next[1].atMs
        next[1].callback()
      }
      nowMs = end
    },
  }
}

function start(): Promise<Recorder> {
  const statsOf = () =>
    ({
      peers: figures.peers,
      connections: 0,
      transports: {},
      circuits: {
        circuits: 2,
        reservations: 1,
        reservationsReleased: 0,
        besideBytes: 0,
        totals: { packets: 0, bytes: figures.bytes },
      },
      gossip: { topics: 0, messages: 0, bytes: 0, lateMessages: 0 },
      stun: { requests: 0, responses: 0 },
      records: { operations: 0, evicted: 0 },
      guard: { closedCircuits: 0, closedPeers: 0, load: 0.25, factor: 1 },
      refusals: { 'address/joins': figures.refused },
      uptimeMs: 0,
    }) as unknown as RelayStats
  return startRecorder({
    dataDir,
    statsOf,
    more: () => [{ 'circuit/opened': 3 }],
    watch: {
      figures: () => ({ rssBytes: 1_000, heapUsedBytes: 500, cpuSeconds }),
      delay: { p50Ms: 1, p90Ms: 2, p99Ms: 3, maxMs: 4 },
      turnWindow: () => ({ p50Ms: 1, p90Ms: 2, p99Ms: 3, maxMs: 4 }),
      close() {},
    },
    log: { warn: ((_: object, message: string) => void warnings.push(message)) as never },
    timers: time,
  })
}

test('B8: a sample each 10 s has the gauges, and the rates of its time', async () => {
  const recorder = await start()
  figures = { peers: 5, bytes: 20_000, refused: 3 }
  cpuSeconds = 2
  time.advance(10_000)
  figures.bytes += 10_000
  time.advance(10_000)
  const { samples } = recorder.history.window(60_000, time.now())
  expect(samples.map(each => each.values.relayedBytesPerSecond)).toEqual([2_000, 1_000])
  expect(samples[0]).toMatchObject({
    values: {
      peers: 5,
      circuits: 2,
      cpuShare: 0.2,
      load: 0.25,
      limitsFactor: 1,
      refusalsPerSecond: 0.3,
      loopDelayP99Ms: 3,
      rssBytes: 1_000,
    },
    refusals: { 'address/joins': 3 },
  })
  expect(samples[1]?.refusals).toEqual({})
  await recorder.stop()
})

test('the live figures look back at least a second, and are the same for all who look within one', async () => {
  const recorder = await start()
  time.advance(2_000)
  figures.bytes = 4_000
  const first = recorder.live()
  expect(first.sample.values.relayedBytesPerSecond).toBe(2_000)
  figures.bytes = 8_000
  expect(recorder.live()).toBe(first)
  time.advance(1_000)
  expect(recorder.live().sample.values.relayedBytesPerSecond).toBe(4_000)
  // A sample was taken a moment ago; the rate is not that of a moment.
  time.advance(7_000)
  figures.bytes += 1_000_000
  time.advance(500)
  expect(recorder.live().sample.values.relayedBytesPerSecond).toBeLessThan(200_000)
  await recorder.stop()
})

test('B8: counters go on over a restart, the history is still there, and a reset of the process shows no rate', async () => {
  figures = { peers: 1, bytes: 500, refused: 2 }
  const before = await start()
  time.advance(20_000)
  await before.stop()
  figures = { peers: 0, bytes: 100, refused: 1 }
  const after = await start()
  expect(after.totals()).toMatchObject({ bytes: 600, 'refusal/address/joins': 3, 'circuit/opened': 6 })
  expect(after.history.kept().fine).toHaveLength(2)
  time.advance(10_000)
  expect(after.history.kept().fine.at(-1)?.values.relayedBytesPerSecond).toBe(0)
  await after.stop()
  expect(warnings).toEqual([])
})

test('what a crash leaves is at most a minute old', async () => {
  figures.bytes = 77
  const recorder = await start()
  time.advance(60_000)
  // Nothing is stopped: the file is there by itself.
  const path = join(dataDir, 'history.json')
  const deadline = Date.now() + 10_000
  while (Date.now() < deadline && !(await readFile(path, 'utf8').catch(() => '')).includes('"bytes":77')) {
    await new Promise(resolve => setTimeout(resolve, 5))
  }
  expect(await readFile(path, 'utf8')).toContain('"bytes":77')
  await recorder.stop()
})

test('a file that cannot be read is told once and begun anew', async () => {
  await writeFile(join(dataDir, 'history.json'), '{"version":1,"tot')
  const recorder = await start()
  expect(warnings).toEqual(['the history of earlier runs cannot be read; it begins anew'])
  figures.bytes = 5
  await recorder.stop()
  expect((await start()).totals()['bytes']).toBe(10)
})

test('C5: nothing runs on after it has stopped', async () => {
  const recorder = await start()
  await recorder.stop()
  await recorder.stop()
  expect(time.timers).toBe(0)
})
