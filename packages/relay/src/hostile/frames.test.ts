import { describe, expect, test } from 'vitest'

import { type FramePeer, frame, startFramePeer, yamuxFrame as y } from '../../test-support/frame-peer.ts'
import { startHonestPair } from '../../test-support/honest-pair.ts'
import { drained } from '../../test-support/raw-peer.ts'
import { createStage } from '../../test-support/stage.ts'
import { until } from '../../test-support/start-relay.ts'

const stage = createStage()

async function framePeer(address: string): Promise<FramePeer> {
  const peer = await startFramePeer(address)
  stage.defer(() => peer.stop())
  return peer
}

/** Sends until the relay breaks off, but no more than so often; waits where the line is full. */
async function flood(peer: FramePeer, times: number, next: (turn: number) => Uint8Array): Promise<void> {
  for (let turn = 0; turn < times && peer.line.status === 'open'; turn += 1) {
    if (!peer.line.send(next(turn))) await drained(peer.line as never)
    if (turn % 64 === 0) await new Promise(resolve => setImmediate(resolve))
  }
}

describe('[B7] yamux by hand', () => {
  test.each([
    ['another version', Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 1],
    ['an unknown kind of frame', frame(7, 0, 1, 0), 1],
    ['data for no stream', frame(y.data, 0, 0, 4, new Uint8Array(4)), 1],
    ['a stream with the number of the other side', frame(y.window, y.syn, 2, 0), 1],
    ['a goodbye without closing the line', frame(y.goAway, 0, 0, 0), undefined],
    ['a goodbye for an error', frame(y.goAway, 0, 0, 2), undefined],
    ['more than the window', frame(y.data, y.syn, 1, 300_000, new Uint8Array(300_000)), 1],
  ])('%s ends the connection, and what breaks the rules is counted', async (_what, bytes, faults) => {
    const started = await stage.relay()
    const honest = await startHonestPair(stage, started)
    const peer = await framePeer(started.address)
    peer.line.send(bytes)
    await peer.closed
    expect(started.relay.stats().refusals['yamux/protocol']).toBe(faults)
    await honest.talk()
    expect(await honest.settled()).toEqual(honest.before)
  })

  test('streams opened by the thousand and abandoned are bounded, and gone with their connection', async () => {
    const started = await stage.relay()
    const honest = await startHonestPair(stage, started)
    const peer = await framePeer(started.address)
    await flood(peer, 5_000, turn => frame(y.window, y.syn, turn * 2 + 1, 0))
    await honest.talk()
    expect(started.relay.stats().streams).toBeLessThan(1_100)
    await peer.stop()
    await honest.talk()
    expect(await honest.settled()).toEqual(honest.before)
  })

  test('streams opened and reset, again and again, leave nothing', async () => {
    const started = await stage.relay()
    const honest = await startHonestPair(stage, started)
    const peer = await framePeer(started.address)
    await flood(peer, 5_000, turn =>
      Buffer.concat([frame(y.window, y.syn, turn * 2 + 1, 0), frame(y.window, y.rst, turn * 2 + 1, 0)]),
    )
    await honest.talk()
    await peer.stop()
    expect(await honest.settled()).toEqual(honest.before)
  })

  test('a frame of 4 GB is not waited for: the connection ends before a megabyte of it is here', async () => {
    const started = await stage.relay()
    const honest = await startHonestPair(stage, started)
    const peer = await framePeer(started.address)
    peer.line.send(frame(y.data, y.syn, 1, 2 ** 32 - 1))
    const chunk = new Uint8Array(16_384)
    await flood(peer, 64, () => chunk)
    await until('it is broken off', () => peer.line.status !== 'open')
    await honest.talk()
    expect(await honest.settled()).toEqual(honest.before)
  })

  test('pings whose answers nobody reads do not pile up: the connection ends', async () => {
    const started = await stage.relay()
    const honest = await startHonestPair(stage, started)
    const peer = await framePeer(started.address)
    peer.line.pause()
    const pings = Buffer.concat(Array.from({ length: 1_000 }, (_, index) => frame(y.ping, y.syn, 0, index)))
    await flood(peer, 400, () => pings)
    await until('it is broken off', () => peer.line.status !== 'open')
    expect(started.relay.stats().refusals).toEqual({ 'yamux/unread': 1 })
    await honest.talk()
    expect(await honest.settled()).toEqual(honest.before)
  })
})
