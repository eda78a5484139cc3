import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, test } from 'vitest'

import { createStage } from '../../test-support/stage.ts'
import { until } from '../../test-support/start-relay.ts'
import type { CircuitRecord } from '../circuit/circuit-table.ts'
import { PeerTotals } from './peer-totals.ts'
import type { PeerQuery } from './relay-views.ts'

const stage = createStage()

/** Two stock peers with a circuit between them, over which `bytes` travelled from the caller. */
async function talk(bytes: number) {
  const started = await stage.relay()
  const listener = await stage.reserved(started.address)
  await until('a slot is held', () => started.relay.reservations().length === 1)
  let received = 0
  await listener.handle(
    '/sink/1',
    stream => stream.addEventListener('message', event => void (received += event.data.byteLength)),
    { runOnLimitedConnection: true },
  )
  const caller = await stage.guest(started.address)
  const connection = await caller.dial(multiaddr(`${started.address}/p2p-circuit/p2p/${listener.peerId.toString()}`))
  const stream = await connection.newStream('/sink/1', { runOnLimitedConnection: true })
  stream.send(new Uint8Array(bytes))
  await until('everything arrived', () => received === bytes)
  return { ...started, listener, caller, connection }
}

describe('B8: what an operator sees', () => {
  test('A8: each peer with its address, transport, reservation and traffic, during a circuit and after it', async () => {
    const { relay, listener, caller, connection } = await talk(10_000)
    const [from, to] = [relay.peer(caller.peerId.toString()), relay.peer(listener.peerId.toString())]
    expect(relay.peers().map(each => each.peer)).toHaveLength(2)
    expect(from).toMatchObject({ addresses: ['127.0.0.1'], transports: ['websocket'], circuits: 1, circuitsTotal: 1 })
    expect(from?.reservedUntilMs).toBeNull()
    expect(to?.reservedUntilMs).toBeGreaterThan(Date.now())
    expect(from?.bytesSent).toBeGreaterThan(10_000)
    expect(to?.bytesReceived).toBeGreaterThan(10_000)
    const idsOf = (query: PeerQuery) => relay.findPeers(query).items.map(each => each.peer)
    expect(relay.findPeers({ limit: 1, offset: 1 })).toEqual({ total: 2, items: [relay.peers()[1]] })
    expect(idsOf({ isReserved: true })).toEqual([to?.peer])
    expect(idsOf({ isReserved: false, transport: 'websocket', address: '127.0', app: 'default' })).toEqual([from?.peer])
    expect(idsOf({ peer: from?.peer.slice(-10) })).toEqual([from?.peer])
    for (const query of [
      { peer: 'x'.repeat(60) },
      { app: 'other' },
      { address: '10.' },
      { transport: 'webtransport' },
    ]) {
      expect(relay.findPeers(query as PeerQuery)).toEqual({ total: 0, items: [] })
    }
    await connection.close()
    await until('the circuit is gone', () => relay.circuits().length === 0)
    const after = relay.peer(caller.peerId.toString())
    expect(after).toMatchObject({ circuits: 0, circuitsTotal: 1 })
    expect(after?.bytesSent).toBeGreaterThanOrEqual(from?.bytesSent ?? 0)
  })

  test('B1: a circuit by its id, and it closes when the operator says so', async () => {
    const { relay, listener, caller, connection } = await talk(100)
    const [circuit] = relay.circuits()
    expect(circuit).toMatchObject({
      source: caller.peerId.toString(),
      target: listener.peerId.toString(),
      state: 'connected',
    })
    expect(relay.circuit(circuit?.id ?? 0)).toEqual(circuit)
    const closed = new Promise(resolve => connection.addEventListener('close', resolve, { once: true }))
    expect(relay.closeCircuit(circuit?.id ?? 0)).toBe(true)
    await closed
    await until('it is gone', () => relay.circuit(circuit?.id ?? 0) === undefined)
    expect(relay.closeCircuit(circuit?.id ?? 0)).toBe(false)
    expect(relay.stats().circuits.totals.circuitsClosed['closed']).toBe(1)
  })

  test('a peer that is closed loses its reservation, its circuits and its connections', async () => {
    const { relay, listener } = await talk(100)
    const peer = listener.peerId.toString()
    expect(relay.closePeer(peer)).toBe(true)
    await until('it is gone', () => relay.peers().every(each => each.peer !== peer))
    await until('its circuit is gone', () => relay.circuits().length === 0)
    expect(relay.reservations()).toEqual([])
    expect(relay.closePeer('nobody')).toBe(false)
    expect(relay.peer('nobody')).toBeUndefined()
  })
})

test('C11: nothing is held about a peer that has left, even when its circuit ends after it', () => {
  const connected = new Set(['a', 'b'])
  const totals = new PeerTotals(peer => connected.has(peer))
  const circuit: CircuitRecord = {
    id: 1,
    source: 'a',
    target: 'b',
    app: 'default',
    kind: 'circuit',
    state: 'closed',
    port: null,
    createdAtMs: 0,
    lastActiveAtMs: 0,
    fromSource: { packets: 2, bytes: 20 },
    fromTarget: { packets: 1, bytes: 5 },
  }
  totals.addClosed(circuit)
  expect(totals.of('a', [])).toMatchObject({ bytesSent: 20, bytesReceived: 5, circuitsTotal: 1 })
  expect(totals.of('b', [circuit])).toMatchObject({ bytesSent: 10, bytesReceived: 40, circuitsTotal: 2 })
  connected.clear()
  for (const peer of ['a', 'b']) totals.removePeer(peer)
  totals.addClosed(circuit)
  expect(totals.size).toBe(0)
})
