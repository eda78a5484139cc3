import fc from 'fast-check'
import { expect, it } from 'vitest'

import { readFirstPacket, versionNegotiation } from './quic-packet.ts'

function initial(version: number, bytes = 1_200): Uint8Array {
  const packet = new Uint8Array(bytes)
  packet[0] = 0xc3
  new DataView(packet.buffer).setUint32(1, version)
  packet.set([8, 1, 2, 3, 4, 5, 6, 7, 8, 4, 9, 9, 9, 9], 5)
  return packet
}

it('lets in the first packet of version 1', () => {
  expect(readFirstPacket(initial(1))).toEqual({ type: 'initial' })
})

it('takes a short one, a later one and what is not QUIC for stray', () => {
  expect(readFirstPacket(initial(1, 1_199)).type).toBe('stray')
  const handshake = initial(1)
  handshake[0] = 0xe3
  expect(readFirstPacket(handshake).type).toBe('stray')
  expect(readFirstPacket(new Uint8Array(1_400).fill(0x40)).type).toBe('stray')
  expect(readFirstPacket(initial(0)).type).toBe('stray')
})

it('answers another version with the one that is spoken, to the sender’s connection id', () => {
  const packet = readFirstPacket(initial(0x6b3343cf))
  if (packet.type !== 'other-version') throw new Error(packet.type)
  const answer = versionNegotiation(packet)
  expect(answer.readUInt32BE(1)).toBe(0)
  expect([...answer.subarray(5, 10)]).toEqual([4, 9, 9, 9, 9])
  expect([...answer.subarray(10, 19)]).toEqual([8, 1, 2, 3, 4, 5, 6, 7, 8])
  expect(answer.readUInt32BE(19)).toBe(1)
  expect(answer.length).toBeLessThan(1_200)
})

it('never throws, whatever arrives', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1_500, size: 'max' }), bytes => {
      const packet = readFirstPacket(bytes)
      const answer = packet.type === 'other-version' ? versionNegotiation(packet) : []
      expect(answer.length).toBeLessThan(64)
    }),
  )
})
