import type { StreamMuxer } from '@libp2p/interface'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { expect, test } from 'vitest'

import { ReadGate } from './read-gate.ts'

const windowBytes = 256 * 1_024

/** A stream over yamux: what is sent on one end arrives at the other. */
async function yamuxStreams() {
  const [outbound, inbound] = multiaddrConnectionPair()
  const factory = yamux({ enableKeepAlive: false, streamOptions: { maxStreamWindowSize: windowBytes } })()
  const near: StreamMuxer = factory.createStreamMuxer(outbound)
  const far: StreamMuxer = factory.createStreamMuxer(inbound)
  const arrived = new Promise<Awaited<ReturnType<StreamMuxer['createStream']>>>(resolve => {
    far.addEventListener('stream', ({ detail }) => resolve(detail), { once: true })
  })
  return [await near.createStream(), await arrived] as const
}

test('[A12] a reader that pauses again while it is handed what waited is sent nothing more', async () => {
  const [near, far] = await yamuxStreams()
  const gate = new ReadGate(far)
  let taken = 0
  far.addEventListener('message', ({ data }) => {
    taken += data.byteLength
    gate.pause()
  })
  gate.pause()
  near.send(new Uint8Array(5_000_000))
  /** Until so much has come in all, and then a while longer, in which nothing more may come. */
  const settled = async (bytes: number): Promise<void> => {
    const deadline = Date.now() + 5_000
    const turn = () => new Promise(resolve => setImmediate(resolve))
    while (taken + far.readBufferLength < bytes && Date.now() < deadline) await turn()
    for (let turns = 0; turns < 50; turns += 1) await turn()
  }
  await settled(windowBytes)
  expect(far.readBufferLength).toBe(windowBytes)
  gate.resume()
  await settled(windowBytes)
  // It has one window in hand, and as it paused again, no second one is on its way.
  expect(taken).toBe(windowBytes)
  expect(far.readBufferLength).toBe(0)
  gate.resume()
  await settled(2 * windowBytes)
  expect(taken + far.readBufferLength).toBe(2 * windowBytes)
})

test('resuming on a connection that has just closed throws nothing', async () => {
  const [, far] = await yamuxStreams()
  const gate = new ReadGate(far)
  gate.pause()
  far.resume = () => {
    throw new Error('closed')
  }
  expect(() => gate.resume()).not.toThrow()
})
