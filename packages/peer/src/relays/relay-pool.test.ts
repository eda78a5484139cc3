import type { Connection } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { TaskGroup } from '@tsugi/bounded'
import { type WellKnown, accept, refuse } from '@tsugi/protocol'
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

it('reads anew how busy a relay is, the more rarely the busier it is [W7]', async () => {
  const tasks = new TaskGroup()
  onTestFinished(() => tasks.stop())
  const peerId = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
  const connection = {
    remotePeer: peerIdFromString(peerId),
    remoteAddr: multiaddr('/ip4/127.0.0.1/tcp/1/ws'),
    status: 'open',
    addEventListener() {},
    close: async () => {},
  }
  const withGuests = (peers: number): WellKnown => ({
    version: 1,
    protocol: 'tsugi/1',
    peerId,
    multiaddrs: [],
    stun: [],
    apps: 'any',
    limits: { relayPingsPerSecond: 1_000 },
    load: { peers, reservations: peers, circuits: 0, room: true },
    draining: false,
  })
  const begunAt = Date.now()
  const askedAtMs: number[] = []
  const pool = new RelayPool({
    tasks,
    limits: { knownRelays: 10 },
    slots: 1,
    reservations: {
      reserve: async () => accept({ relay: peerId, expiresAt: Date.now() + 3_600_000 }),
      release: () => {},
      follow: () => () => {},
    },
    describe: async () => accept(withGuests(10)),
    ask: async () => {
      askedAtMs.push(Date.now() - begunAt)
      return accept(withGuests(5_000))
    },
    dial: async () => connection as unknown as Connection,
    protect: async () => {},
    isBusy: () => false,
    onChange: () => {},
  })
  pool.add('http://127.0.0.1:1')
  pool.start()
  await vi.advanceTimersByTimeAsync(0)
  expect(pool.pingEveryMs(peerId)).toBe(2_000)
  await vi.advanceTimersByTimeAsync(120_000)
  expect(pool.pingEveryMs(peerId)).toBe(5_000)
  await vi.advanceTimersByTimeAsync(600_000)
  expect(askedAtMs).toEqual([120_000, 420_000, 720_000])
})
