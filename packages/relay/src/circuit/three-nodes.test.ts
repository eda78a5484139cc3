import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { type MemoryNet, startMemoryNet } from '../../test-support/memory-net.ts'
import { collect } from '../../test-support/raw-peer.ts'
import { hopMessage } from './circuit-messages.ts'
import { hopProtocol } from './hop-protocol.ts'
import { createMessageStream } from './message-stream.ts'
import { stopProtocol } from './stop-protocol.ts'

let net: MemoryNet
// Time goes on by itself, so that handshakes end; what takes minutes is moved by hand.
beforeEach(() => {
  vi.useFakeTimers({
    shouldAdvanceTime: true,
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
  })
})
afterEach(async () => {
  await net.stop()
  vi.useRealTimers()
})

const minute = 60_000
const types = (): string[] => net.events.map(each => each.type)
const reservationEvents = (): string[] => types().filter(each => each.startsWith('reservation:'))

test('[A3] a stock client renews five minutes before its reservation ends, again and again, and keeps its slot', async () => {
  net = await startMemoryNet({ reservationTtlMs: 60 * minute })
  const [first] = net.circuits.reservations()
  await vi.advanceTimersByTimeAsync(54 * minute)
  expect(reservationEvents()).toEqual(['reservation:created'])
  await vi.advanceTimersByTimeAsync(2 * minute)
  await vi.waitFor(() => expect(reservationEvents()).toEqual(['reservation:created', 'reservation:renewed']))
  await vi.advanceTimersByTimeAsync(58 * minute)
  await vi.waitFor(() => expect(reservationEvents().filter(each => each.endsWith('renewed'))).toHaveLength(2))
  const [last] = net.circuits.reservations()
  expect(last?.sinceMs).toBe(first?.sinceMs)
  expect(last?.expiresAtMs).toBeGreaterThan((first?.expiresAtMs ?? 0) + 100 * minute)
})

test('[A2] a reservation that nobody renews ends at its time, with the reason, and its holder cannot be called any more', async () => {
  net = await startMemoryNet({ reservationTtlMs: 20_000, circuitSweepMs: 1_000 })
  await vi.advanceTimersByTimeAsync(22_000)
  expect(net.events).toContainEqual({
    type: 'reservation:ended',
    peer: net.listener.peerId.toString(),
    reason: 'expired',
  })
  await expect(net.caller.dial(net.through)).rejects.toThrow(/NO_RESERVATION/)
})

test('[A5] [A10] [B4] an idle circuit ends after five minutes, one that is used does not; the sweep says what it did', async () => {
  net = await startMemoryNet({ circuitIdleMs: 5 * minute, circuitSweepMs: 10_000 })
  await net.listener.handle(
    '/echo',
    stream => stream.addEventListener('message', ({ data }) => void stream.send(data)),
    {
      runOnLimitedConnection: true,
    },
  )
  const connection = await net.caller.dial(net.through)
  const stream = await connection.newStream('/echo', { runOnLimitedConnection: true })
  const back = collect(stream)
  for (let turn = 1; turn <= 4; turn += 1) {
    stream.send(new Uint8Array(10))
    await vi.waitFor(() => expect(back.bytes.byteLength).toBe(turn * 10))
    await vi.advanceTimersByTimeAsync(4 * minute)
  }
  expect(net.circuits.circuits()).toMatchObject([{ state: 'connected', app: 'default' }])
  await vi.advanceTimersByTimeAsync(2 * minute)
  await vi.waitFor(() =>
    expect(net.events.findLast(each => each.type === 'circuit:closed')).toMatchObject({ reason: 'idle' }),
  )
  await vi.waitFor(() => expect(connection.status).not.toBe('open'))
  expect(net.events).toContainEqual({ type: 'circuit:swept', checked: 1, closed: 1, expired: 0 })
  expect(net.circuits.circuits()).toEqual([])
})

test('[B4] peers that only keep a circuit alive, with all that js-libp2p has for it, do not use it; one move in four minutes does', async () => {
  net = await startMemoryNet({ circuitIdleMs: 5 * minute }, { keepsAlive: true })
  await net.listener.handle('/moves', stream => stream.addEventListener('message', () => {}), {
    runOnLimitedConnection: true,
  })
  const connection = await net.caller.dial(net.through)
  const stream = await connection.newStream('/moves', { runOnLimitedConnection: true })
  for (let move = 1; move <= 3; move += 1) {
    stream.send(new Uint8Array(200))
    await vi.advanceTimersByTimeAsync(4 * minute)
    expect(net.circuits.circuits()).toMatchObject([{ state: 'connected' }])
  }
  const packets = (): number => net.circuits.stats().totals.packets
  const before = packets()
  await vi.advanceTimersByTimeAsync(2 * minute)
  await vi.waitFor(() =>
    expect(net.events.findLast(each => each.type === 'circuit:closed')).toMatchObject({ reason: 'idle' }),
  )
  expect(packets() - before).toBeGreaterThan(20)
})

test('[A5] a circuit lives as long as both ends were told, however much it is used', async () => {
  net = await startMemoryNet({ circuitDurationMs: 30 * minute, circuitIdleMs: Number.POSITIVE_INFINITY })
  const connection = await net.caller.dial(net.through)
  expect(connection.limits?.seconds).toBe(30 * 60)
  await vi.advanceTimersByTimeAsync(30 * minute - 10_000)
  expect(net.circuits.stats().circuits).toBe(1)
  await vi.advanceTimersByTimeAsync(60_000)
  await vi.waitFor(() =>
    expect(net.events.findLast(each => each.type === 'circuit:closed')).toMatchObject({ reason: 'duration-limit' }),
  )
})

test('[A4] [B6] a target that never answers, and a caller that never asks, are given up after 30 s, each with its status', async () => {
  net = await startMemoryNet()
  await net.listener.unhandle(stopProtocol)
  await net.listener.handle(stopProtocol, () => {}, { runOnLimitedConnection: true })
  const connection = await net.caller.dial(net.address)
  const ask = async (bytes?: Parameters<typeof hopMessage.encode>[0]): Promise<string | undefined> => {
    const messages = createMessageStream(await connection.newStream(hopProtocol), hopMessage)
    const signal = new AbortController().signal
    if (bytes !== undefined) await messages.write(bytes, signal)
    return (await messages.read(signal)).status
  }
  const peer = { id: net.listener.peerId.toMultihash().bytes, addrs: [] }
  const answers = Promise.all([ask({ type: 'CONNECT', peer }), ask()])
  await vi.waitFor(() => expect(types()).toContain('circuit:created'))
  await vi.advanceTimersByTimeAsync(29_000)
  expect(net.circuits.circuits()).toMatchObject([{ state: 'connecting' }])
  await vi.advanceTimersByTimeAsync(2_000)
  expect(await answers).toEqual(['CONNECTION_FAILED', 'MALFORMED_MESSAGE'])
  expect(net.circuits.stats().totals.refusedByReason).toEqual({ timeout: 2 })
  expect(net.circuits.circuits()).toEqual([])
})
