import type { Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, test } from 'vitest'

import { type RawPeer, collect, sendAll, startRawPeer } from '../../test-support/raw-peer.ts'
import { createStage } from '../../test-support/stage.ts'
import { until } from '../../test-support/start-relay.ts'
import type { StockClient } from '../../test-support/stock-client.ts'
import type { RelayEvent } from '../relay-events.ts'
import type { CircuitEvent } from './circuit-events.ts'
import { describeCircuitEvent } from './describe-circuit-event.ts'

const stage = createStage()

function through(address: string, target: StockClient) {
  return multiaddr(`${address}/p2p-circuit/p2p/${target.peerId.toString()}`)
}

/** What libp2p keeps to itself. */
interface Internals {
  readonly components: {
    readonly transportManager: {
      getTransports(): Array<{ reservationStore?: { addRelay(peer: unknown, type: string): Promise<unknown> } }>
    }
  }
}

describe('stock clients', () => {
  test('[A3] reserve, and renew what they hold', async () => {
    const events: RelayEvent[] = []
    const { address } = await stage.relay({
      limits: { reservationTtlMs: 300_000 },
      onEvent: event => void (event.type.startsWith('reservation:') && events.push(event)),
    })
    const guest = await stage.reserved(address)
    expect(guest.getMultiaddrs().map(String)).toContain(`${address}/p2p-circuit/p2p/${guest.peerId.toString()}`)
    const { transportManager } = (guest as unknown as Internals).components
    const store = transportManager.getTransports().find(each => each.reservationStore !== undefined)?.reservationStore
    await store?.addRelay(guest.getPeers()[0], 'configured')
    expect(events.map(each => each.type)).toEqual(['reservation:created', 'reservation:renewed'])
  })

  test('[A9] [A10] dial a listener through the relay and run many streams at once', async () => {
    const { address, relay } = await stage.relay()
    const [listener, caller] = [await stage.reserved(address), await stage.guest(address)]
    await listener.handle('/echo', stream => stream.addEventListener('message', ({ data }) => void stream.send(data)), {
      runOnLimitedConnection: true,
      maxInboundStreams: 100,
    })
    const connection = await caller.dial(through(address, listener))
    expect(connection.limits?.bytes).toBeDefined()
    expect(connection.limits?.seconds).toBeLessThanOrEqual(4 * 3_600)
    const open = () => connection.newStream('/echo', { runOnLimitedConnection: true, maxOutboundStreams: 100 })
    // The listener takes no more than 10 streams before it has finished its side of the connection.
    const first = await open()
    const echo = collect(first)
    first.send(new Uint8Array(1))
    await until('the connection stands at both ends', () => echo.bytes.byteLength === 1)
    const streams = await Promise.all(Array.from({ length: 40 }, open))
    const echoes = streams.map(stream => collect(stream))
    await Promise.all(
      streams.map((stream: Stream, index) =>
        sendAll(
          stream,
          Array.from({ length: 20 }, () => new Uint8Array(3_000).fill(index)),
        ),
      ),
    )
    await until('every stream has its own bytes back', () => echoes.every(({ bytes }) => bytes.byteLength === 60_000))
    echoes.forEach(({ bytes }, index) => expect(bytes.subarray().every(byte => byte === index)).toBe(true))
    expect(relay.stats().circuits.circuits).toBe(1)
    await connection.close()
    await until('it is closed', () => relay.stats().circuits.circuits === 0)
  })

  test('[A4] understand why they are refused', async () => {
    const { address } = await stage.relay({ limits: { relayReservations: 1 } })
    const [listener, other] = [await stage.reserved(address), await stage.guest(address)]
    await expect(stage.reserved(address)).rejects.toThrow(/RESERVATION_REFUSED/)
    await expect(listener.dial(through(address, other))).rejects.toThrow(/NO_RESERVATION/)
  })
})

describe('stock clients that call', () => {
  async function target(address: string): Promise<RawPeer> {
    const peer = await startRawPeer(address)
    stage.defer(() => peer.stop())
    await peer.reserve()
    return peer
  }
  const callTo = (address: string, { id }: RawPeer) => multiaddr(`${address}/p2p-circuit/p2p/${id}`)

  test('[A4] understand PERMISSION_DENIED: the target belongs to another app', async () => {
    const { address } = await stage.relay()
    const peer = await target(address)
    await peer.tell('go')
    const guest = await stage.guest(address)
    await expect(guest.dial(callTo(address, peer))).rejects.toThrow(/PERMISSION_DENIED/)
  })

  test('[A4] understand CONNECTION_FAILED: the target does not want to', async () => {
    const { address } = await stage.relay()
    const peer = await target(address)
    await peer.onStop(async (_messages, stream) => stream.abort(new Error('no')))
    const guest = await stage.guest(address)
    await expect(guest.dial(callTo(address, peer))).rejects.toThrow(/CONNECTION_FAILED/)
  })

  test('[A4] understand RESOURCE_LIMIT_EXCEEDED: the target has its circuits', async () => {
    const { address } = await stage.relay({ limits: { peerCircuits: 1 } })
    const [peer, other] = [await target(address), await startRawPeer(address)]
    stage.defer(() => other.stop())
    await other.connect(peer)
    const guest = await stage.guest(address)
    await expect(guest.dial(callTo(address, peer))).rejects.toThrow(/RESOURCE_LIMIT_EXCEEDED/)
  })
})

describe('reservations', () => {
  test('[A2] end when the peer disconnects, with the reason, so those who left block nobody', async () => {
    const ended: RelayEvent[] = []
    const { relay, address } = await stage.relay({
      limits: { relayReservations: 2 },
      onEvent: event => void (event.type === 'reservation:ended' && ended.push(event)),
    })
    for (let round = 0; round < 3; round += 1) {
      const guest = await stage.reserved(address)
      expect(relay.stats().circuits.reservations).toBe(1)
      await guest.stop()
      await until('it is free again', () => relay.stats().circuits.reservations === 0)
    }
    expect(relay.stats().circuits.reservationsReleased).toBe(3)
    expect(ended).toHaveLength(3)
    expect(ended[0]).toMatchObject({ reason: 'disconnected' })
  })

  test('[A2] end when they expire, also those of peers that stay', async () => {
    const ended = Promise.withResolvers<RelayEvent>()
    const { address } = await stage.relay({
      limits: { reservationTtlMs: 1_000, circuitSweepMs: 50 },
      onEvent: event => void (event.type === 'reservation:ended' && ended.resolve(event)),
    })
    const peer = await startRawPeer(address)
    stage.defer(() => peer.stop())
    await peer.reserve()
    expect(await ended.promise).toEqual({ type: 'reservation:ended', peer: peer.id, reason: 'expired' })
  })
})

describe('circuits', () => {
  test('[B4] an idle circuit is closed by the sweep, an active one is not, and the sweep says what it did', async () => {
    const events: RelayEvent[] = []
    const { address, relay } = await stage.relay({
      limits: { circuitIdleMs: 1_000, circuitSweepMs: 50 },
      onEvent: event => void events.push(event),
    })
    const peers = await Promise.all([startRawPeer(address), startRawPeer(address), startRawPeer(address)])
    for (const peer of peers) stage.defer(() => peer.stop())
    const [target, active, idle] = peers
    await target.reserve()
    const { stream } = await active.connect(target)
    const busy = setInterval(() => stream.send(new Uint8Array(200)), 50)
    stage.defer(() => clearInterval(busy))
    const { stream: silent } = await idle.connect(target)
    await collect(silent).ended
    const { stream: far } = await target.accepted()
    await Promise.all([silent.close(), (await target.accepted()).stream.close()])
    await until('it is closed', () => events.some(each => each.type === 'circuit:closed'))
    expect(events.filter(each => each.type === 'circuit:closed')).toMatchObject([
      { reason: 'idle', circuit: { source: idle.id, target: target.id, state: 'closed' } },
    ])
    expect(events).toContainEqual({ type: 'circuit:swept', checked: 2, closed: 1, expired: 0 })
    expect(far.status).toBe('open')
    expect(relay.stats().circuits.circuits).toBe(1)
  })

  test('[B5] circuits created, accepted and closed with their figures are told, and callers of unknown peers', async () => {
    const events: RelayEvent[] = []
    const { address, relay } = await stage.relay({ onEvent: event => void events.push(event) })
    const [target, caller] = await Promise.all([startRawPeer(address), startRawPeer(address)])
    for (const peer of [target, caller]) stage.defer(() => peer.stop())
    await expect(caller.connect(target)).rejects.toThrow('NO_RESERVATION')
    await target.reserve()
    const accepted = target.accepted()
    const { stream } = await caller.connect(target)
    const { stream: far } = await accepted
    const arrived = collect(far)
    stream.send(new Uint8Array(77))
    await until('it is there', () => arrived.bytes.byteLength === 77)
    await Promise.all([stream.close(), far.close()])
    await until('it is closed', () => relay.stats().circuits.circuits === 0)
    expect(events).toContainEqual({ type: 'refused', reason: 'circuit/no-reservation', detail: caller.id })
    const told = events
      .filter(event => event.type.startsWith('circuit:') && event.type !== 'circuit:swept')
      .map(event => describeCircuitEvent(event as CircuitEvent))
    expect(told.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      'debug: circuit refused',
      'info: circuit created',
      'info: circuit accepted',
      'info: circuit closed',
    ])
    expect(told.at(-1)?.fields).toMatchObject({ reason: 'ended', fromSource: { packets: 1, bytes: 77 } })
  })

  test('[A8] totals survive their circuits: packets, bytes, refusals by status and reason', async () => {
    const { address, relay } = await stage.relay()
    const [target, caller] = await Promise.all([startRawPeer(address), startRawPeer(address)])
    for (const peer of [target, caller]) stage.defer(() => peer.stop())
    await expect(caller.connect(target)).rejects.toThrow('NO_RESERVATION')
    await target.reserve()
    const accepted = target.accepted()
    const { stream } = await caller.connect(target)
    const { stream: far } = await accepted
    const arrived = collect(far)
    stream.send(new Uint8Array(1_000))
    await until('it is there', () => arrived.bytes.byteLength === 1_000)
    stream.abort(new Error('enough'))
    await until('it is closed', () => relay.stats().circuits.circuits === 0)
    expect(relay.stats().circuits.totals).toMatchObject({
      reservationsCreated: 1,
      circuitsAccepted: 1,
      circuitsClosed: { reset: 1 },
      refusedByStatus: { NO_RESERVATION: 1 },
      refusedByReason: { 'no-reservation': 1 },
      bytes: 1_000,
    })
  })

  test('when the relay stops, circuits and reservations end with it', async () => {
    const events: RelayEvent[] = []
    const started = await stage.relay({ onEvent: event => void events.push(event) })
    const [target, caller] = await Promise.all([startRawPeer(started.address), startRawPeer(started.address)])
    for (const peer of [target, caller]) stage.defer(() => peer.stop())
    await target.reserve()
    await caller.connect(target)
    await started.relay.stop()
    expect(events.filter(each => each.type === 'circuit:closed')).toHaveLength(1)
    expect(events.filter(each => each.type === 'reservation:ended')).toHaveLength(1)
    expect(started.relay.stats().circuits).toMatchObject({ circuits: 0, reservations: 0 })
  })
})
