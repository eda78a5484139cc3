import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decodeCanonical, encodeCanonical } from './cbor.ts'
import { type RecordHash } from './ids.ts'
import { type RecordContent } from './record-body.ts'
import {
  createRecord,
  decodeRecord,
  hashBytes,
  isOfMatch,
  isRecordSigned,
  matchIdOf,
  maxRecordBytes,
} from './record.ts'

const key = new Uint8Array(32).fill(1)
const parent = 'ab'.repeat(32) as RecordHash
const place = { match: hashBytes(parent).subarray(0, 20), parent, height: 3, counter: 2, at: 1_000 }

function changed(bytes: Uint8Array, change: (fields: Record<string, unknown>) => object): Uint8Array {
  const fields = decodeCanonical(bytes, maxRecordBytes)
  if (!fields.ok) throw new Error(fields.code)
  return encodeCanonical(change(fields.value as Record<string, unknown>))
}

const contents: readonly RecordContent[] = [
  { kind: 'sit', body: { seat: 1, name: 'Ben 🙂', invitation: new Uint8Array(64) } },
  { kind: 'move', body: { move: 40, clock: [0, 60_000, 3, 0] } },
  { kind: 'move', body: { move: { from: 'e2', to: 'e4' } } },
  { kind: 'pass', body: {} },
  { kind: 'resign', body: {} },
  { kind: 'undo-ask', body: { to: 4 } },
  { kind: 'undo-grant', body: {} },
  { kind: 'undo-refuse', body: {} },
  { kind: 'propose', body: { proposal: [1, 2, 3] } },
  { kind: 'accept', body: { hash: new Uint8Array(32) } },
  { kind: 'resume', body: {} },
  { kind: 'claim-time', body: {} },
  { kind: 'clock-note', body: {} },
  { kind: 'rematch', body: { match: new Uint8Array(20), players: new Uint8Array(32), watchers: new Uint8Array(16) } },
]

describe('a record', () => {
  it.each(contents)('[R1] [R5] of kind $kind comes back as it was written', content => {
    const written = createRecord(place, content, key)
    const read = decodeRecord(written.bytes)
    expect(read).toEqual({ ok: true, value: written })
    expect(isRecordSigned(written)).toBe(true)
    expect(isOfMatch(written, parent)).toBe(true)
  })
  it('[R1] above 4 KiB is neither written nor read', () => {
    const long = { kind: 'move', body: { move: 'x'.repeat(5_000) } } as const
    expect(() => createRecord(place, long, key)).toThrow(RangeError)
    expect(decodeRecord(new Uint8Array(maxRecordBytes + 1))).toMatchObject({ ok: false, code: 'record/too-large' })
  })
  it('[R2] that is not canonical is refused: one value has one spelling', () => {
    // {"a": 1} with the number in two bytes instead of one.
    const loose = Uint8Array.of(0xa1, 0x61, 0x61, 0x18, 0x01)
    expect(decodeCanonical(loose, 100)).toMatchObject({ ok: false })
    expect(decodeRecord(loose)).toMatchObject({ ok: false, code: 'record/malformed' })
  })
  it('[R3] is not signed when a single bit of it is another', () => {
    const { bytes } = createRecord(place, { kind: 'pass', body: {} }, key)
    const forged = decodeRecord(changed(bytes, fields => ({ ...fields, t: 1_001 })))
    expect(forged.ok && isRecordSigned(forged.value)).toBe(false)
    const stolen = decodeRecord(changed(bytes, fields => ({ ...fields, a: new Uint8Array(32) })))
    expect(stolen.ok && isRecordSigned(stolen.value)).toBe(false)
  })
  it.each([
    ['an unknown field', (fields: object) => ({ ...fields, x: 1 })],
    ['an unknown kind', (fields: object) => ({ ...fields, k: 'steal' })],
    ['another version', (fields: object) => ({ ...fields, v: 2 })],
    ['a body of another kind', (fields: object) => ({ ...fields, k: 'accept' })],
    ['a height below 0', (fields: object) => ({ ...fields, h: -1 })],
    ['a counter of 0', (fields: object) => ({ ...fields, n: 0 })],
    ['a fraction of a millisecond', (fields: object) => ({ ...fields, t: 1.5 })],
    ['a short key', (fields: object) => ({ ...fields, a: new Uint8Array(31) })],
  ])('[R5] with %s is malformed', (_, change) => {
    const { bytes } = createRecord(place, { kind: 'pass', body: {} }, key)
    expect(decodeRecord(changed(bytes, change))).toMatchObject({ ok: false, code: 'record/malformed' })
  })
  it('[R8] with a name that controls how text is shown, or is too long, is malformed', () => {
    const sit = createRecord(
      place,
      { kind: 'sit', body: { seat: 1, name: 'Ben', invitation: new Uint8Array(64) } },
      key,
    )
    for (const name of ['a\u202eb', 'a\u0000', 'x'.repeat(33)]) {
      const body = { seat: 1, name, invitation: new Uint8Array(64) }
      expect(decodeRecord(changed(sit.bytes, fields => ({ ...fields, b: body })))).toMatchObject({ ok: false })
    }
  })
  it('[R4] names its match by the first 20 bytes of the first record’s hash', () => {
    expect(matchIdOf(parent)).toHaveLength(27)
  })
  it('[R6] of any bytes at all is read without an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), bytes => {
        expect(decodeRecord(bytes).ok).toBe(false)
      }),
      { numRuns: 500 },
    )
    const { bytes } = createRecord(place, { kind: 'move', body: { move: [1, { a: null }], clock: [1, 2, 3, 4] } }, key)
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bent = Uint8Array.from(bytes)
        bent[at] = (bent[at] ?? 0) ^ flip
        const read = decodeRecord(bent)
        expect(read.ok && isRecordSigned(read.value)).toBe(false)
      }),
      { numRuns: 200 },
    )
  })
})
