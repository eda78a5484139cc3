import fc from 'fast-check'
import { expect, it } from 'vitest'

import { decodePublicationAnswer, decodePublicationPart, isPublicationSigned, signPublication } from './archive.ts'
import { encodeCanonical } from './cbor.ts'
import { type MatchId } from './ids.ts'

const match = 'A'.repeat(27) as MatchId
const seatKey = new Uint8Array(32).fill(5)

it('[A2] parts and answers come out as they went in', () => {
  const word = signPublication(match, 'relay', seatKey)
  for (const part of [
    { t: 'records', records: [Uint8Array.of(1)] },
    { t: 'publish', ...word },
  ]) {
    expect(decodePublicationPart(encodeCanonical(part))).toEqual({ ok: true, value: part })
  }
  for (const answer of [{ t: 'archived' }, { t: 'refused', code: 'archive/busy' }]) {
    expect(decodePublicationAnswer(encodeCanonical(answer))).toEqual({ ok: true, value: answer })
  }
})

it('[A2] whatever the bytes, reading them answers and never throws', () => {
  const valid = encodeCanonical({ t: 'publish', ...signPublication(match, 'relay', seatKey) })
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(valid.length - 1), fc.nat(255), (noise, at, byte) => {
      const bent = Uint8Array.from(valid)
      bent[at] = byte
      for (const bytes of [noise, bent, valid.subarray(0, at)]) {
        expect(typeof decodePublicationPart(bytes).ok).toBe('boolean')
        expect(typeof decodePublicationAnswer(bytes).ok).toBe('boolean')
      }
    }),
  )
})

it('[A3] a word is for one match and one relay', () => {
  const word = signPublication(match, 'relay', seatKey)
  expect(isPublicationSigned(match, 'relay', word)).toBe(true)
  expect(isPublicationSigned(match, 'another', word)).toBe(false)
  expect(isPublicationSigned('B'.repeat(27) as MatchId, 'relay', word)).toBe(false)
  expect(isPublicationSigned(match, 'relay', { ...word, key: new Uint8Array(32) })).toBe(false)
})
