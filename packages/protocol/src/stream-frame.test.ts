import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { encodeCanonical } from './cbor.ts'
import { type StreamFrame, StreamFrameReader, encodeStreamFrame, isStreamCode } from './stream-frame.ts'

const whole = fc.nat({ max: Number.MAX_SAFE_INTEGER })
const offsets = fc.record({ received: whole, consumed: whole, window: whole })
const printable = (maxLength: number) =>
  fc
    .array(fc.integer({ min: 0x21, max: 0x7e }), { minLength: 1, maxLength })
    .map(codes => String.fromCharCode(...codes))

const frames: fc.Arbitrary<StreamFrame> = fc.oneof(
  fc
    .tuple(
      fc.record({
        id: fc.uint8Array({ minLength: 16, maxLength: 16 }),
        app: printable(63),
        protocol: printable(128),
        carrier: whole,
        resumes: fc.boolean(),
      }),
      offsets,
    )
    .map(([head, rest]) => ({ type: 'hello' as const, hello: { ...head, ...rest } })),
  offsets.map(told => ({ type: 'welcome' as const, offsets: told })),
  fc.uint8Array({ minLength: 1, maxLength: 300 }).map(bytes => ({ type: 'data' as const, bytes })),
  whole.map(consumed => ({ type: 'ack' as const, consumed })),
  fc.constant({ type: 'fin' as const }),
  printable(64).map(code => ({ type: 'end' as const, code })),
)

/** Reads bytes that come in these pieces; the bytes of data are valid only during the call. */
function read(reader: StreamFrameReader, pieces: readonly Uint8Array[]) {
  const seen: StreamFrame[] = []
  for (const piece of pieces) {
    const outcome = reader.read(piece, frame => {
      seen.push(frame.type === 'data' ? { ...frame, bytes: frame.bytes.slice() } : frame)
      return true
    })
    if (!outcome.ok) return { seen, code: outcome.code }
  }
  return { seen }
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [0, ...places.map(place => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end))
}

describe('frames of lasting streams', () => {
  it('[Y2] come back as written, wherever the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(frames, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 20 }), (written, places) => {
        const bytes = new Uint8Array(Buffer.concat(written.map(frame => encodeStreamFrame(frame))))
        const reader = new StreamFrameReader(300)
        expect(read(reader, cut(bytes, places))).toEqual({ seen: written })
        expect(reader.heldBytes).toBe(0)
      }),
    )
  })

  it('[Y2] nothing that comes makes the reader throw, or hold more than one frame', () => {
    const kind = fc.integer({ min: 0, max: 8 })
    const framed = fc
      .tuple(kind, fc.uint8Array({ maxLength: 80 }))
      .map(([first, body]) => Uint8Array.of(first, 0, 0, body.length, ...body))
    fc.assert(
      fc.property(fc.array(fc.oneof(framed, fc.uint8Array({ maxLength: 80 })), { maxLength: 10 }), pieces => {
        const reader = new StreamFrameReader(64)
        const { seen, code } = read(reader, pieces)
        expect(code === undefined ? reader.heldBytes : 0).toBeLessThanOrEqual(4 + 1_024)
        for (const frame of seen) expect(encodeStreamFrame(frame).length).toBeGreaterThanOrEqual(4)
      }),
    )
  })

  it('[Y2] a length is checked before its body has come', () => {
    for (const [kind, length] of [
      [3, 301],
      [1, 1_025],
      [6, 0xffffff],
      [9, 1_025],
    ] as const) {
      const header = Uint8Array.of(kind, length >> 16, (length >> 8) & 255, length & 255)
      expect(read(new StreamFrameReader(300), [header])).toEqual({ seen: [], code: 'stream-frame/too-large' })
    }
  })

  it('[Y2] [Y3] what has another shape is refused', () => {
    const map = (value: unknown): number[] => [...encodeCanonical(value)]
    const hello = { id: new Uint8Array(16), app: 'a', protocol: 'p', carrier: 0, resumes: false }
    const told = { received: 0, consumed: 0, window: 1 }
    const bodies: [number, number[]][] = [
      [0, []],
      [7, []],
      [3, []],
      [5, [0]],
      [4, [0, 0, 0, 0, 0, 0, 1]],
      [4, [0, 32, 0, 0, 0, 0, 0, 0]],
      [6, []],
      [6, [0x20]],
      [6, Array.from({ length: 65 }, () => 0x61)],
      [2, map({ ...told, more: 1 })],
      [2, map({ ...told, window: -1 })],
      [2, [...map(told), 0]],
      [1, map({ ...hello, ...told, id: new Uint8Array(15) })],
      [1, map({ ...hello, ...told, app: 'a b' })],
      [1, map(hello)],
    ]
    for (const [kind, body] of bodies) {
      const bytes = Uint8Array.of(kind, 0, body.length >> 8, body.length & 255, ...body)
      expect(read(new StreamFrameReader(300), [bytes])).toEqual({ seen: [], code: 'stream-frame/malformed' })
    }
    expect(isStreamCode('game/over')).toBe(true)
    expect(isStreamCode('game over')).toBe(false)
  })

  it('a reader that has heard enough is handed nothing more', () => {
    const seen: string[] = []
    new StreamFrameReader(10).read(Uint8Array.of(5, 0, 0, 0, 5, 0, 0, 0), frame => {
      seen.push(frame.type)
      return false
    })
    expect(seen).toEqual(['fin'])
  })
})
