import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { encodeCanonical } from './cbor.ts'
import { batchesOf, decodeKeepingAnswer, decodeKeepingRequest, keepingBatchBytes } from './keeping.ts'
import { keptIdBytes, keptRecordId, maxKeptRecordBytes, sealKeptRecord } from './kept-record.ts'
import { defaultLimits } from './limits.ts'
import { openMessage } from './message.ts'
import { maxRecordBytes } from './record.ts'

const key = new Uint8Array(32).fill(7)
const context = new TextEncoder().encode('tsugi/1 topic')

describe('a kept record', () => {
  it('[Q1] is the same bytes whoever seals it, and opens as a message of one record', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), record => {
        const sealed = sealKeptRecord(record, key, context)
        expect(sealKeptRecord(record, key, context)).toEqual(sealed)
        expect(openMessage(sealed, key, context)).toEqual({ ok: true, value: { t: 'records', records: [record] } })
      }),
    )
  })

  it('[Q1] another record, or another key, has another nonce', () => {
    const nonceOf = (record: number[], from = key) =>
      Buffer.from(sealKeptRecord(Uint8Array.from(record), from, context).subarray(0, 24)).toString('hex')
    const nonces = [nonceOf([1]), nonceOf([2]), nonceOf([1], new Uint8Array(32).fill(8)), nonceOf([])]
    expect(new Set(nonces).size).toBe(4)
  })

  it('[Q2] has an id of 16 bytes; the longest record fits', () => {
    const sealed = sealKeptRecord(new Uint8Array(maxRecordBytes), key, context)
    expect(keptRecordId(sealed)).toHaveLength(keptIdBytes)
    expect(sealed.length).toBeLessThanOrEqual(maxKeptRecordBytes)
  })
})

describe('the messages of keeping', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 })
  const records = fc.array(bytes, { minLength: 1, maxLength: 20 })
  const ids = fc
    .array(fc.uint8Array({ minLength: keptIdBytes, maxLength: keptIdBytes }), { maxLength: 20 })
    .map(list => Uint8Array.from(list.flatMap(id => [...id])))
  const topic = fc.stringMatching(/^[!-~]{1,200}$/)

  it('[Q4] [Q5] come out as they went in', () => {
    const request = fc.oneof(
      fc.record({ t: fc.constant('get'), topic, have: ids }),
      fc.record({ t: fc.constant('put'), topic, records }),
    )
    fc.assert(
      fc.property(request, value => {
        expect(decodeKeepingRequest(encodeCanonical(value))).toEqual({ ok: true, value })
      }),
    )
    const answer = fc.oneof(
      fc.record({ t: fc.constant('records'), records }),
      fc.record({ t: fc.constant('got'), lacks: ids }),
      fc.record({ t: fc.constant('stored'), count: fc.nat() }),
      fc.record({ t: fc.constant('refused'), code: fc.constant('records/rate') }),
      fc.record({ t: fc.constant('stored'), count: fc.nat(), code: fc.constant('records/share') }),
    )
    fc.assert(
      fc.property(answer, value => {
        expect(decodeKeepingAnswer(encodeCanonical(value))).toEqual({ ok: true, value })
      }),
    )
  })

  it('[Q3] whatever the bytes, reading them answers and never throws', () => {
    const valid = encodeCanonical({ t: 'put', topic: '/tsugi/1/go/x', records: [new Uint8Array(30)] })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(valid.length - 1), fc.nat(255), (noise, at, byte) => {
        const bent = Uint8Array.from(valid)
        bent[at] = byte
        for (const each of [noise, bent, valid.subarray(0, at)]) {
          expect(typeof decodeKeepingRequest(each).ok).toBe('boolean')
          expect(typeof decodeKeepingAnswer(each).ok).toBe('boolean')
        }
      }),
    )
  })

  it.each([
    ['an id that is cut short', { t: 'get', topic: 'x', have: new Uint8Array(17) }],
    ['no topic', { t: 'get', topic: '', have: new Uint8Array() }],
    ['a topic that is too long', { t: 'get', topic: 'x'.repeat(257), have: new Uint8Array() }],
    ['no record', { t: 'put', topic: 'x', records: [] }],
    ['a record that is too long', { t: 'put', topic: 'x', records: [new Uint8Array(maxKeptRecordBytes + 1)] }],
    ['a key that nobody knows', { t: 'put', topic: 'x', records: [new Uint8Array(1)], more: 1 }],
    ['more bytes than a message may have', { t: 'get', topic: 'x', have: new Uint8Array(65_536) }],
  ])('[Q3] refuses %s', (_, value) => {
    expect(decodeKeepingRequest(encodeCanonical(value))).toMatchObject({ ok: false, code: 'message/malformed' })
  })
})

it('[Q3] what is sent in several messages stays in order, and each of them is small enough', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: maxKeptRecordBytes }), { maxLength: 200 }), sizes => {
      const list = sizes.map((size, index) => new Uint8Array(size).fill(index))
      const batches = batchesOf(list)
      expect(batches.flat()).toEqual(list)
      for (const batch of batches) {
        expect(batch.length).toBeGreaterThan(0)
        const message = encodeCanonical({ t: 'put', topic: 'x'.repeat(256), records: batch })
        expect(message.length).toBeLessThanOrEqual(defaultLimits.gameMessageBytes)
      }
      expect(batches.length).toBeLessThanOrEqual(
        1 + (2 * sizes.reduce((sum, size) => sum + size + 5, 0)) / keepingBatchBytes,
      )
    }),
  )
})
