import type { PeerId } from '@tsugi/protocol'
import { describe, expect, it } from 'vitest'

import { ArrivalBuffer } from './arrival-buffer.ts'
import type { TopicMessage } from './topic.ts'

const from = (peer: string, byte: number): TopicMessage => ({
  from: peer as PeerId,
  data: Uint8Array.of(byte),
  receivedAt: 0,
})
const told = (buffer: ArrivalBuffer): string[] => buffer.drain().map(({ from: peer, data }) => `${peer}${data[0]}`)

describe('what arrives before a topic is read [C3]', () => {
  it('is handed over once, in the order in which it came, and nothing stays behind', () => {
    const buffer = new ArrivalBuffer({ capacity: 4 })
    for (const message of [from('a', 1), from('b', 2), from('a', 3)]) expect(buffer.push(message)).toBe(true)
    expect([buffer.size, buffer.peers]).toEqual([3, 2])
    expect(told(buffer)).toEqual(['a1', 'b2', 'a3'])
    expect([buffer.size, buffer.peers, told(buffer).length]).toEqual([0, 0, 0])
  })

  it('is bounded, and a peer that floods loses its own messages only', () => {
    const buffer = new ArrivalBuffer({ capacity: 4 })
    buffer.push(from('a', 1))
    buffer.push(from('b', 2))
    for (let byte = 10; byte < 1_000; byte += 1) buffer.push(from('flood', byte % 256))
    expect(buffer.size).toBe(4)
    expect(told(buffer)).toEqual(['a1', 'b2', 'flood230', 'flood231'])
  })

  it('keeps what may not be dropped, whoever sent the rest', () => {
    const buffer = new ArrivalBuffer({ capacity: 3, mayDrop: ({ data }) => (data[0] ?? 0) >= 100 })
    for (const message of [from('a', 1), from('a', 2), from('b', 100)]) buffer.push(message)
    expect(buffer.push(from('a', 3))).toBe(false)
    expect(buffer.push(from('a', 4))).toBe(false)
    expect(told(buffer)).toEqual(['a1', 'a2', 'a3'])
  })
})
