import type { Connection } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { TaskGroup } from '@tsugi/bounded'
import { type WellKnown, accept, refuse } from '@tsugi/protocol'
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

const relay = '12D3KooWRBhwfeP2Y4TCx1SM6s9rUoHhR5STiGwxBhgFRcw3UERE'
const wellKnown = {
  peerId: relay,
  multiaddrs: [
    `/dns4/relay.example/tcp/80/ws/p2p/${relay}`,
    `/dns4/relay.example/udp/8081/webrtc-direct/certhash/uEiD-lSkwf7olv3yoADNZSrnnzKwn-V6GW9ILOhBS80TZPA/p2p/${relay}`,
  ],
  load: { peers: 1, room: true },
  limits: {},
} as unknown as WellKnown

/** A line to the relay, and whether it stands. */
function openLine(way: 'ws' | 'webrtc-direct'): Connection & { readonly status: string } {
  const target = new EventTarget()
  const end = (): void => {
    line.status = 'closed'
    target.dispatchEvent(new Event('close'))
  }
  const line = {
    status: 'open',
    streams: [{ protocol: '', writableNeedsDrain: true }],
    remotePeer: peerIdFromString(relay),
    remoteAddr: multiaddr(wellKnown.multiaddrs.find(address => address.includes(`/${way}/`))),
    addEventListener: target.addEventListener.bind(target),
    removeEventListener: target.removeEventListener.bind(target),
    abort: end,
    close: async () => end(),
  }
  return line as unknown as Connection
}

/** A relay that holds a slot for us over UDP, and how it describes itself and is dialled from then on. */
async function held(later: { describe?: RelayKeeperPorts['describe']; dial?: RelayKeeperPorts['dial'] }) {
  const tasks = new TaskGroup()
  onTestFinished(() => tasks.stop())
  const first = openLine('webrtc-direct')
  const dials: { readonly addresses: readonly string[]; readonly silent: string | undefined }[] = []
  const changes: string[] = []
  let expiresAt = Date.now()
  let isLater = false
  const reserved = Promise.withResolvers<void>()
  const keeper: RelayKeeper = new RelayKeeper(parseRelaySource('http://relay.example'), {
    tasks,
    describe: async (origin, signal) => (isLater && (await later.describe?.(origin, signal))) || accept(wellKnown),
    onDescribed: () => {},
    learnAddresses: () => {},
    isTaken: () => false,
    dial: async (addresses, signal, silent) => {
      if (!isLater) return first
      dials.push({ addresses, silent })
      return (await later.dial?.(addresses, signal, silent)) ?? Promise.reject(new Error('refused'))
    },
    reserve: async () => {
      expiresAt += 3_600_000
      keeper.noteReserved({ relay, expiresAt })
      return accept({ relay, expiresAt })
    },
    release: () => {},
    protect: async () => {},
    isOnline: () => true,
    onChange(change, { status }) {
      changes.push(`${change} ${status.transport ?? ''}`.trim())
      if (change === 'reserved') reserved.resolve()
    },
  })
  keeper.start()
  await reserved.promise
  isLater = true
  changes.length = 0
  return { keeper, first, dials, changes }
}

/** What has been begun here needs no time, only its turns. */
const soon = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

describe('a relay that does not answer on its line', () => {
  it('is talked to by another way, if it answers there, and was never away [B10, C10]', async () => {
    const other = openLine('ws')
    const { keeper, first, dials, changes } = await held({ dial: async () => other })
    keeper.noteSilent(1_500)
    await soon()
    expect(dials.map(({ silent }) => silent)).toEqual(['webrtc-direct'])
    expect(changes).toEqual(['silent webrtc-direct', 'reserved websocket'])
    expect([first.status, keeper.connection, keeper.isHeld]).toEqual(['closed', other, true])
  })

  it('is left in peace while it does not describe itself either: it may have too much to do', async () => {
    const { keeper, first, dials, changes } = await held({ describe: async () => refuse('relay/unreachable') })
    keeper.noteSilent(1_500)
    await soon()
    expect([dials, changes, first.status]).toEqual([[], ['silent webrtc-direct'], 'open'])
  })

  it('is left where it is while its line is full of what somebody sends', async () => {
    const { keeper, first, dials } = await held({})
    Object.assign(first, { streams: [{ protocol: '/libp2p/circuit/relay/0.2.0/hop', writableNeedsDrain: true }] })
    keeper.noteSilent(1_500)
    await soon()
    expect([dials, first.status]).toEqual([[], 'open'])
  })

  it('stays where it is when its line answers before another stands', async () => {
    const other = Promise.withResolvers<Connection>()
    const { keeper, first, changes } = await held({ dial: () => other.promise })
    keeper.noteSilent(1_500)
    await soon()
    keeper.noteRoundTrip(2_000)
    const late = openLine('ws')
    other.resolve(late)
    await soon()
    expect([first.status, late.status, keeper.connection]).toEqual(['open', 'closed', first])
    expect(changes).toEqual(['silent webrtc-direct', 'reserved webrtc-direct'])
  })

  it('is dialled as it described itself before, when nobody answers where it is described, and only by its own port later', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const { first, dials } = await held({
      describe: (_, signal) =>
        new Promise(resolve => signal.addEventListener('abort', () => resolve(refuse('relay/unreachable')))),
    })
    first.abort(new Error('The line did not answer.'))
    await vi.advanceTimersByTimeAsync(120_000)
    const ways = dials.map(({ addresses }) => addresses.some(address => address.includes('webrtc-direct')))
    expect(ways.slice(0, 5)).toEqual([true, true, true, false, false])
  })
})
