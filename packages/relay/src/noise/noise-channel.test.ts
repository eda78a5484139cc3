import { multiaddrConnectionPair } from '@libp2p/utils'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { until } from '../../test-support/start-relay.ts'
import { NoiseChannel } from './noise-channel.ts'
import type { Ciphers } from './noise-ciphers.ts'

const tag = new Uint8Array(16).fill(9)
/** Not secret, but of the right shape: a message and its tag. */
const plainText: Ciphers = {
  encrypt: plain => Buffer.concat([plain.subarray(), tag]),
  decrypt(sealed) {
    if (Buffer.compare(sealed.subarray(-16), tag) !== 0) throw new Error('forged')
    return sealed.subarray(0, -16)
  },
}
const sealed = (body: Uint8Array): Uint8Array =>
  Buffer.concat([Uint8Array.of((body.byteLength + 16) >>> 8, body.byteLength + 16), body, tag])

describe('a Noise channel', () => {
  test('reads messages however they are cut', async () => {
    const messages = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(messages, fc.array(fc.integer({ min: 1, max: 400 })), async (bodies, sizes) => {
        const [hand, below] = multiaddrConnectionPair()
        const channel = new NoiseChannel(below, plainText)
        const arrived: Uint8Array[] = []
        channel.addEventListener('message', ({ data }) => arrived.push(data.subarray()))
        const bytes = Buffer.concat(bodies.map(sealed))
        for (let at = 0, turn = 0; at < bytes.byteLength; turn += 1) {
          const size = sizes[turn] ?? bytes.byteLength
          hand.send(bytes.subarray(at, at + size))
          at += size
        }
        await until('all is there', () => arrived.length === bodies.length)
        expect(arrived.map(each => [...each])).toEqual(bodies.map(each => [...each]))
      }),
      { numRuns: 50 },
    )
  })

  test('cuts what it sends into messages of at most 65,535 bytes', async () => {
    const [hand, below] = multiaddrConnectionPair()
    const [sender, receiver] = [new NoiseChannel(below, plainText), new NoiseChannel(hand, plainText)]
    const arrived: Uint8Array[] = []
    receiver.addEventListener('message', ({ data }) => arrived.push(data.subarray()))
    const body = new Uint8Array(200_000).map((_byte, index) => index)
    sender.send(body)
    await until('all is there', () => arrived.reduce((sum, each) => sum + each.byteLength, 0) === body.byteLength)
    expect(Buffer.compare(Buffer.concat(arrived), body)).toBe(0)
    expect(Math.max(...arrived.map(each => each.byteLength))).toBe(65_535 - 16)
  })

  test.each([
    ['forged', Uint8Array.of(0, 17, ...new Uint8Array(17))],
    ['too short for a tag', Uint8Array.of(0, 3, 1, 2, 3)],
  ])('a message that is %s ends the connection below', async (_what, bytes) => {
    const [hand, below] = multiaddrConnectionPair()
    const channel = new NoiseChannel(below, plainText)
    channel.addEventListener('message', () => {})
    hand.send(bytes)
    await until('the channel has ended', () => channel.status !== 'open')
    expect([channel.status, below.status]).toEqual(['aborted', 'aborted'])
  })
})
