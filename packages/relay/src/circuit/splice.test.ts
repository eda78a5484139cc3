import type { Stream } from '@libp2p/interface'
import type { Limits } from '@tsugi/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { type RawPeer, collect, connectTo, drained, sendAll, startRawPeer } from '../../test-support/raw-peer.ts'
import { createStage } from '../../test-support/stage.ts'
import { type TestRelay, until } from '../../test-support/start-relay.ts'
import type { CircuitEvent } from './circuit-events.ts'
import { ReadGate } from './read-gate.ts'

const stage = createStage()
const unlimited = Number.POSITIVE_INFINITY

interface Line {
  readonly relay: TestRelay
  readonly caller: RawPeer
  readonly target: RawPeer
  /** The circuit's ends. */
  readonly near: Stream
  readonly far: Stream
  readonly closed: Promise<Extract<CircuitEvent, { type: 'circuit:closed' }>>
}

/** A circuit between two peers that speak the protocol by hand: what one sends is what the other gets. */
async function circuit(limits: Partial<Limits>) {
  const relay = await stage.relay({
    limits: {
      relayBytesPerSecond: unlimited,
      peerBytesPerSecond: unlimited,
      circuitBytesPerSecond: unlimited,
      ...limits,
    },
  })
  const [target, caller] = [await startRawPeer(relay.address), await startRawPeer(relay.address)]
  stage.defer(() => target.stop())
  stage.defer(() => caller.stop())
  await target.reserve()
  const closed = Promise.withResolvers<Extract<CircuitEvent, { type: 'circuit:closed' }>>()
  relay.relay.events.addEventListener('circuit:closed', ({ detail }) => closed.resolve(detail))
  const accepted = target.accepted()
  const { stream: near } = await caller.connect(target)
  const { stream: far } = await accepted
  const line: Line = { relay, caller, target, near, far, closed: closed.promise }
  return line
}

/** Bytes whose order shows, cut into pieces of the given sizes, again and again. */
function* pieces(total: number, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, turn = 0; at < total; turn += 1) {
    const size = Math.min(sizes[turn % sizes.length] ?? 1, total - at)
    yield Uint8Array.from({ length: size }, (_, index) => (at + index) % 251)
    at += size
  }
}

function expectInOrder(bytes: Uint8Array, length: number): void {
  expect(bytes.byteLength).toBe(length)
  expect(bytes.findIndex((byte, index) => byte !== index % 251)).toBe(-1)
}

const cuts: readonly number[][][] = [[[1]], [[7, 1, 64, 3]], [[1_000]], [[65_536]], [[99_999]]]

test('[A9] what was sent before the circuit stood arrives, though its sender has closed by then', async () => {
  const relay = await stage.relay()
  const [target, caller] = [await startRawPeer(relay.address), await startRawPeer(relay.address)]
  stage.defer(() => target.stop())
  stage.defer(() => caller.stop())
  await target.reserve()
  const early = Promise.withResolvers<void>()
  const arrived = Promise.withResolvers<ReturnType<typeof collect>>()
  await target.onStop(async (messages, stream) => {
    await messages.read(AbortSignal.timeout(20_000))
    await early.promise
    arrived.resolve(collect(stream))
    await messages.write({ type: 'STATUS', status: 'OK' }, AbortSignal.timeout(20_000))
    messages.unwrap()
  })
  const { stream, messages } = await caller.hop()
  await messages.write(connectTo(target.peerId), AbortSignal.timeout(20_000))
  for (const piece of pieces(1_000, [100])) stream.send(piece)
  await stream.close()
  // The relay answers in order: by then it has all of that, and the end.
  await caller.reserve()
  early.resolve()
  const { bytes, ended } = await arrived.promise
  await ended
  expect(bytes.byteLength).toBe(1_000)
  expectInOrder(bytes.subarray(), 1_000)
})

describe('[A5] the data limit', () => {
  const limit = 5_001

  test.each(cuts)('one byte below it everything passes and the circuit stays open, in pieces of %j', async sizes => {
    const { near, far, relay } = await circuit({ circuitBytes: limit })
    const arrived = collect(far)
    await sendAll(near, pieces(limit - 1, sizes))
    await until('all is there', () => arrived.bytes.byteLength === limit - 1)
    expectInOrder(arrived.bytes.subarray(), limit - 1)
    expect(relay.relay.stats().circuits.circuits).toBe(1)
    // And the other direction has a limit of its own.
    const back = collect(near)
    far.send(new Uint8Array(limit - 1))
    await until('the answer is there', () => back.bytes.byteLength === limit - 1)
  })

  test.each(cuts)('at it every byte passes, then the circuit closes with the reason, in pieces of %j', async sizes => {
    const { near, far, closed } = await circuit({ circuitBytes: limit })
    const arrived = collect(far)
    await sendAll(near, pieces(limit, sizes))
    await arrived.ended
    expectInOrder(arrived.bytes.subarray(), limit)
    await Promise.all([near.close(), far.close()])
    const { reason, circuit: record } = await closed
    expect(reason).toBe('data-limit')
    expect(record.fromSource.bytes).toBe(limit)
  })

  test.each(cuts)('above it exactly the limit passes, in pieces of %j', async sizes => {
    const { near, far, closed } = await circuit({ circuitBytes: limit })
    const arrived = collect(far)
    const sending = sendAll(near, pieces(limit + 5_000, sizes)).catch(() => 0)
    await arrived.ended
    expectInOrder(arrived.bytes.subarray(), limit)
    await Promise.all([near.close(), far.close()])
    await sending
    expect(await closed).toMatchObject({ reason: 'data-limit', circuit: { fromSource: { bytes: limit } } })
  })

  test('holds from the target to the caller too', async () => {
    const { near, far, closed } = await circuit({ circuitBytes: limit })
    const arrived = collect(near)
    const sending = sendAll(far, pieces(limit + 1, [333])).catch(() => 0)
    await arrived.ended
    expectInOrder(arrived.bytes.subarray(), limit)
    await Promise.all([near.close(), far.close()])
    await sending
    expect(await closed).toMatchObject({ reason: 'data-limit', circuit: { fromTarget: { bytes: limit } } })
  })
})

test('[A5] whatever the limit and the pieces, exactly the limit passes, both ways at once', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 6 })
  const cut = fc.record({ limit: fc.integer({ min: 1, max: 40_000 }), over: fc.integer({ min: -1, max: 9 }), sizes })
  await fc.assert(
    fc.asyncProperty(cut, async ({ limit, over, sizes }) => {
      const { near, far, relay, caller, target } = await circuit({ circuitBytes: limit })
      const [there, back] = [collect(far), collect(near)]
      const total = limit + over
      const expected = Math.min(limit, total)
      const sending = Promise.allSettled([sendAll(near, pieces(total, sizes)), sendAll(far, pieces(total, sizes))])
      // One direction at its limit closes both; the other has passed what had been accepted by then, and never more.
      await until('one has all', () => Math.max(there.bytes.byteLength, back.bytes.byteLength) === expected)
      if (over >= 0) await Promise.all([there.ended, back.ended])
      else await until('the other too', () => there.bytes.byteLength === expected && back.bytes.byteLength === expected)
      expect(Math.max(there.bytes.byteLength, back.bytes.byteLength)).toBe(expected)
      for (const { bytes } of [there, back]) expectInOrder(bytes.subarray(), Math.min(bytes.byteLength, limit))
      near.abort(new Error('done'))
      far.abort(new Error('done'))
      await sending
      await Promise.all([caller.stop(), target.stop(), relay.stop()])
    }),
    { numRuns: 12 },
  )
})

test('[A5] the duration limit closes the circuit with the reason, after what had been sent', async () => {
  const { near, far, closed } = await circuit({ circuitDurationMs: 1_000 })
  const arrived = collect(far)
  near.send(new Uint8Array(1_000))
  await arrived.ended
  expect(arrived.bytes.byteLength).toBe(1_000)
  await Promise.all([near.close(), far.close()])
  expect((await closed).reason).toBe('duration-limit')
})

describe('the ends', () => {
  test('a half-closed circuit goes on the other way', async () => {
    const { near, far, closed } = await circuit({})
    const arrived = collect(far)
    const back = collect(near)
    near.send(new Uint8Array(10))
    await near.close()
    await arrived.ended
    expect(arrived.bytes.byteLength).toBe(10)
    far.send(new Uint8Array(300_000))
    await until('the answer is there', () => back.bytes.byteLength === 300_000)
    await far.close()
    expect((await closed).reason).toBe('ended')
  })

  test('[B6] a target that goes away ends the circuit at its caller at once, with what it had sent', async () => {
    const { near, far, target, closed } = await circuit({})
    const arrived = collect(near)
    far.send(new Uint8Array(1_000))
    await until('it is there', () => arrived.bytes.byteLength === 1_000)
    await target.stop()
    await arrived.ended
    await near.close()
    expect(['disconnected', 'reset']).toContain((await closed).reason)
  })

  test('a reset goes through', async () => {
    const { near, far, closed } = await circuit({})
    const { ended } = collect(far)
    near.abort(new Error('enough'))
    await ended
    expect(far.status).toBe('reset')
    expect((await closed).reason).toBe('reset')
  })

  test('[B4] a peer that disconnects closes its circuits, and what it had sent arrives', async () => {
    const { far, near, caller, closed, relay } = await circuit({})
    const arrived = collect(far)
    near.send(new Uint8Array(100_000))
    await until('it is with the relay', () => arrived.bytes.byteLength === 100_000)
    await caller.stop()
    await arrived.ended
    await far.close()
    expect((await closed).reason).toBe('disconnected')
    expect(relay.relay.stats().circuits.circuits).toBe(0)
  })
})

describe('[A12] a receiver that does not read', () => {
  /** The most that the relay held at any moment. */
  function watch(relay: TestRelay): { readonly highest: () => number } {
    let highest = 0
    const look = (): void => {
      highest = Math.max(highest, relay.relay.stats().circuits.bufferedBytes)
    }
    const timer = setInterval(look, 1)
    stage.defer(() => clearInterval(timer))
    return { highest: () => highest }
  }

  test('stops the sender; when it reads again everything arrives, in order', async () => {
    const { near, far, relay } = await circuit({ circuitBufferBytes: 1_000_000 })
    const { highest } = watch(relay)
    far.pause()
    let accepted = 0
    const total = 8_000_000
    const sending = (async () => {
      for (const piece of pieces(total, [50_000])) {
        accepted += piece.byteLength
        if (!near.send(piece)) await drained(near)
      }
    })()
    let last = -1
    await until('the sender has to wait', async () => {
      const before = last
      last = accepted
      await new Promise(resolve => setTimeout(resolve, 200))
      return before === accepted
    })
    // The windows of both and the piece that was refused.
    expect(accepted).toBeLessThan(1_000_000)
    expect(highest()).toBeGreaterThan(0)
    expect(highest()).toBeLessThanOrEqual(300_000)
    const arrived = collect(far)
    far.resume()
    await sending
    await until('all is there', () => arrived.bytes.byteLength === total)
    expectInOrder(arrived.bytes.subarray(), total)
  })

  test('slow readers at both ends slow the writers down; the relay never holds more than 1 MB', async () => {
    const { near, far, relay } = await circuit({ circuitBufferBytes: 1_000_000 })
    const { highest } = watch(relay)
    const readSlowly = (stream: Stream): { readonly count: () => number } => {
      let bytes = 0
      const gate = new ReadGate(stream)
      stream.addEventListener('message', ({ data }) => {
        bytes += data.byteLength
        gate.pause()
        setTimeout(() => gate.resume(), 20)
      })
      return { count: () => bytes }
    }
    const [there, here] = [readSlowly(far), readSlowly(near)]
    const total = 6_000_000
    await Promise.all([sendAll(near, pieces(total, [30_000])), sendAll(far, pieces(total, [30_000]))])
    await until('all is there', () => there.count() === total && here.count() === total)
    expect(highest()).toBeGreaterThan(0)
    expect(highest()).toBeLessThanOrEqual(1_000_000)
  })
})

test('[A12] where a transport cannot pause, a sender who overruns the ceiling loses the circuit, and the relay holds no more', async () => {
  const started = await stage.relay({
    udpPort: 0,
    limits: { relayBytesPerSecond: unlimited, peerBytesPerSecond: unlimited, circuitBytesPerSecond: unlimited },
  })
  const webRtc = started.relay.multiaddrs().find(each => each.includes('/webrtc-direct/certhash/')) ?? ''
  const { webRTCDirect } = await import('@libp2p/webrtc')
  const target = await startRawPeer(started.address)
  const caller = await startRawPeer(webRtc, [webRTCDirect() as never])
  stage.defer(() => target.stop())
  stage.defer(() => caller.stop())
  await target.reserve()
  const closed = new Promise<string>(resolve => {
    started.relay.events.addEventListener('circuit:closed', ({ detail }) => resolve(detail.reason))
  })
  const accepted = target.accepted()
  const { stream: near } = await caller.connect(target)
  const { stream: far } = await accepted
  far.pause()
  let highest = 0
  const sending = (async () => {
    for (const piece of pieces(8_000_000, [16_000])) {
      if (near.writeStatus !== 'writable') return
      highest = Math.max(highest, started.relay.stats().circuits.bufferedBytes)
      if (!near.send(piece)) await drained(near)
    }
  })().catch(() => {})
  expect(await closed).toBe('buffer-limit')
  await sending
  expect(highest).toBeLessThanOrEqual(1_000_000)
  expect(started.relay.stats().circuits).toMatchObject({ circuits: 0, bufferedBytes: 0 })
})

test('[A6] a circuit is slowed down to its rate, and nothing is lost', async () => {
  const { near, far } = await circuit({ circuitBytesPerSecond: 400_000 })
  const arrived = collect(far)
  const startedAt = performance.now()
  await sendAll(near, pieces(1_200_000, [10_007]))
  await until('all is there', () => arrived.bytes.byteLength === 1_200_000)
  expectInOrder(arrived.bytes.subarray(), 1_200_000)
  // Two seconds' worth at once, the rest at the rate: never sooner, whatever else the machine does.
  expect(performance.now() - startedAt).toBeGreaterThan(950)
})
