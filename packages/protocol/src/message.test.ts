import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { encodeCanonical } from './cbor.ts'
import { type MatchMessage, decodeMessage, encodeMessage, openMessage, sealMessage } from './message.ts'

const key = new Uint8Array(32).fill(1)
const nonce = new Uint8Array(24).fill(2)
const context = new Uint8Array([1, 2, 3])

const messages: readonly MatchMessage[] = [
  { t: 'records', records: [new Uint8Array(200), new Uint8Array(1)] },
  { t: 'head', head: new Uint8Array(32), height: 7, digest: new Uint8Array(16), count: 9 },
  { t: 'want', have: new Uint8Array(32) },
  { t: 'want', to: '12D3KooWpeer', have: new Uint8Array() },
  { t: 'presence', status: 'away', name: 'Ann', at: 5, seat: { seat: 0, signature: new Uint8Array(64) } },
]

describe('a message', () => {
  it.each(messages)('[M1] of type $t comes back as it was written, sealed and open', message => {
    expect(decodeMessage(encodeMessage(message))).toEqual({ ok: true, value: message })
    expect(openMessage(sealMessage(message, key, nonce, context), key, context)).toEqual({ ok: true, value: message })
  })
  it('[S1] [S2] opens with its own key and context only, and not when a bit is another', () => {
    const sealed = sealMessage({ t: 'want', have: new Uint8Array() }, key, nonce, context)
    expect(openMessage(sealed, new Uint8Array(32), context)).toMatchObject({ code: 'seal/forged' })
    expect(openMessage(sealed, key, new Uint8Array())).toMatchObject({ code: 'seal/forged' })
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), at => {
        const bent = Uint8Array.from(sealed)
        bent[at] = (bent[at] ?? 0) ^ 1
        expect(openMessage(bent, key, context)).toMatchObject({ ok: false })
      }),
    )
    expect(openMessage(sealed.subarray(0, 39), key, context)).toMatchObject({ code: 'seal/malformed' })
  })
  it('[M2] above 64 KiB is refused before anything is done with it', () => {
    const long = new Uint8Array(64 * 1_024 + 1)
    expect(decodeMessage(long)).toMatchObject({ code: 'message/too-large' })
    expect(openMessage(long, key, context)).toMatchObject({ code: 'message/too-large' })
  })
  it.each([
    { t: 'records', records: [] },
    { t: 'records', records: [new Uint8Array(4_097)] },
    { t: 'head', head: new Uint8Array(31), height: 1, digest: new Uint8Array(16), count: 1 },
    { t: 'want', have: new Uint8Array(15) },
    { t: 'presence', status: 'asleep', name: '', at: 1 },
    { t: 'chat', text: '<b>' },
    null,
    [],
  ])('[M1] of another shape is malformed: %#', value => {
    expect(decodeMessage(encodeCanonical(value))).toMatchObject({ ok: false, code: 'message/malformed' })
  })
  it('[M1] of any bytes at all is read without an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        decodeMessage(bytes)
        expect(openMessage(bytes, key, context).ok).toBe(false)
      }),
      { numRuns: 300 },
    )
    // Nesting without end ends as a refusal too.
    expect(decodeMessage(new Uint8Array(60_000).fill(0x81)).ok).toBe(false)
  })
})
