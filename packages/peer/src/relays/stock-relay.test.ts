import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { type Ping, ping } from '@libp2p/ping'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { type Libp2p, createLibp2p } from 'libp2p'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'

import { openMesh, record, until } from '../../test-support/mesh.ts'
import { startStockRelay } from '../../test-support/start-stock-relay.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** Node's own signals, by which the stock relay ends slots, do not follow time that is moved by hand. Those of one length do from here on. */
function moveSignalsOf(lengthMs: number): void {
  const original = AbortSignal.timeout.bind(AbortSignal)
  vi.spyOn(AbortSignal, 'timeout').mockImplementation(ms => {
    if (ms !== lengthMs) return original(ms)
    const controller = new AbortController()
    setTimeout(() => controller.abort(new DOMException('The time is over.', 'TimeoutError')), ms)
    return controller.signal
  })
}

/** A stock application that calls others through relays. */
async function startStockCaller(): Promise<Libp2p<{ ping: Ping }>> {
  const node = await createLibp2p({
    transports: [webSockets(), circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    // It pings by hand here, and one stream for that is all a stock end opens.
    connectionMonitor: { enabled: false },
    services: { identify: identify(), ping: ping() },
  })
  onTestFinished(() => Promise.resolve(node.stop()))
  return node
}

describe('a slot at a stock relay', () => {
  it('lets stock peers call, and carries their streams [A11]', async () => {
    const relay = await startStockRelay()
    const peer = await openMesh().peer([relay.address], { webrtc: false })
    await until('reserved', () => peer.state === 'ready' && relay.reservations() === 1)
    const caller = await startStockCaller()
    const connection = await caller.dial(multiaddr(`${relay.address}/p2p-circuit/p2p/${peer.id}`))
    expect(connection.remotePeer.toString()).toBe(peer.id)
    expect(connection.direct).toBe(false)
    for (let turn = 0; turn < 3; turn += 1) {
      expect(await caller.services.ping.ping(connection.remotePeer)).toBeGreaterThanOrEqual(0)
    }
  })

  it('carries the streams of two peers of ours, which measure how far they are from each other [A9]', async () => {
    const relay = await startStockRelay()
    const [a, b] = await openMesh().pair([relay.address], { webrtc: false })
    await until('reserved', () => relay.reservations() === 2)
    await a.links.open(b.id, { addresses: [`${relay.address}/p2p-circuit`] })
    await until('measured', () => typeof a.links.get(b.id)?.roundTripMs === 'number')
    expect(a.links.get(b.id)).toMatchObject({ state: 'relayed' })
  })

  it('is renewed in time, again and again: peers are called after it would have ended [A3]', async () => {
    const minute = 60_000
    const reservationTtl = 6 * minute
    vi.useFakeTimers({
      shouldAdvanceTime: true,
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
    })
    moveSignalsOf(reservationTtl)
    const relay = await startStockRelay({ reservations: { reservationTtl } })
    const peer = await openMesh().peer([relay.address], { webrtc: false })
    await until('reserved', () => peer.state === 'ready' && relay.reservations() === 1)
    const since = peer.relays.list()[0]?.since
    const changes = record(peer, 'relay:change')
    const caller = await startStockCaller()
    // No further: a stock relay (4.2.13) ends a slot one lifetime after its first renewal, whatever was renewed since, and takes it up at the next.
    const end = Date.now() + 6.5 * minute
    while (Date.now() < end) {
      await vi.advanceTimersByTimeAsync(2_000)
      // Time moves no faster than the sockets: a round trip for each step.
      await caller.services.ping.ping(multiaddr(relay.address))
      expect(relay.reservations()).toBe(1)
    }
    expect(changes.filter(({ change }) => change === 'renewed').length).toBeGreaterThanOrEqual(3)
    expect(peer.relays.list()).toMatchObject([{ state: 'reserved', since }])
    const connection = await caller.dial(multiaddr(`${relay.address}/p2p-circuit/p2p/${peer.id}`))
    expect(connection.remotePeer.toString()).toBe(peer.id)
  })
})
