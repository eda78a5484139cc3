import fc from 'fast-check'
import { expect, test } from 'vitest'

import { fakeGossipSub } from '../test-support/fake-gossipsub.ts'
import type { Rpc } from './gossip-inside.ts'
import { sendInParts } from './send-in-parts.ts'

const room = { messages: 5, bytes: 1_000, framingBytes: 100 }

function send(sizes: readonly number[], answer = true) {
  const { fake, inside } = fakeGossipSub()
  const sent: Rpc[] = []
  fake.sendRpc = ((_: string, rpc: Rpc) => {
    sent.push(rpc)
    return answer
  }) as never
  sendInParts(inside, room)
  const messages = sizes.map((size, index) => ({ topic: String(index), data: new Uint8Array(size) }))
  const isSent = inside.sendRpc('anna', { subscriptions: [], messages, control: 'what else there is to say' } as Rpc)
  return { sent, isSent }
}

test('no frame holds more than the other end reads, and every message is in one, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(900)), sizes => {
      const { sent, isSent } = send(sizes)
      expect(isSent).toBe(true)
      expect(sent.flatMap(({ messages }) => messages.map(({ topic }) => Number(topic)))).toEqual([...sizes.keys()])
      for (const { messages } of sent) {
        expect(messages.length).toBeLessThanOrEqual(room.messages)
        const bytes = messages.reduce((sum, { data }) => sum + (data?.byteLength ?? 0) + room.framingBytes, 0)
        expect(bytes).toBeLessThanOrEqual(room.bytes)
      }
    }),
  )
})

test('a message that is greater than a frame goes out alone, and what comes with messages is said once', () => {
  expect(send([10, 2_000, 10]).sent.map(({ messages }) => messages.length)).toEqual([1, 1, 1])
  expect(send([2_000, 10]).sent.filter(rpc => 'control' in rpc).length).toBe(1)
  expect(send([]).sent.length).toBe(1)
})

test('what could not be sent is told, and nothing is sent after it', () => {
  const { sent, isSent } = send([900, 900, 900], false)
  expect(isSent).toBe(false)
  expect(sent.length).toBe(1)
})
