import { relaysDhtProtocol } from '@tsugi/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { startRawPeer } from '../../test-support/raw-peer.ts'
import { createStage } from '../../test-support/stage.ts'
import { until } from '../../test-support/start-relay.ts'
import { FrameCounter } from './dht-gate.ts'

const stage = createStage()
/** A PING of the DHT, behind its length. */
const ping = Uint8Array.of(2, 8, 5)
const times = (count: number): Uint8Array => Buffer.concat(Array.from({ length: count }, () => ping))

test('messages are counted wherever their bytes are cut', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 20 })
  fc.assert(
    fc.property(sizes, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (lengths, cuts) => {
      const frames = lengths.flatMap(length => [
        ...(length < 128 ? [length] : [(length & 0x7f) | 0x80, length >> 7]),
        ...Array.from({ length }, () => 0xff),
      ])
      const counter = new FrameCounter()
      let begun = 0
      for (let at = 0, turn = 0; at < frames.length; turn += 1) {
        const cut = cuts[turn % cuts.length] ?? 1
        begun += counter.add(Uint8Array.from(frames.slice(at, at + cut)))
        at += cut
      }
      expect(begun).toBe(lengths.length)
    }),
  )
})

test('[B7] requests to the DHT: a round of them is answered, a flood loses its stream, and says why', async () => {
  const { address, relay } = await stage.relay()
  const peer = await startRawPeer(address)
  stage.defer(() => peer.stop())
  const open = () => peer.connection.newStream(relaysDhtProtocol)
  const polite = await open()
  let answered = 0
  polite.addEventListener('message', ({ data }) => void (answered += data.byteLength))
  polite.send(times(100))
  await until('a hundred are answered', () => answered === 300)
  const flood = await open()
  const reset = new Promise<void>(resolve => flood.addEventListener('close', () => resolve(), { once: true }))
  flood.send(times(50_000))
  await reset
  await until('it is counted', () => relay.stats().refusals['dht/rate'] === 1)
  expect(relay.stats().peers).toBe(1)
})
