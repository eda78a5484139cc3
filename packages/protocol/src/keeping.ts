import * as v from 'valibot'

import { byteString } from './byte-string.ts'
import { decodeBySchema } from './decode-by-schema.ts'
import { keptIdBytes, maxKeptRecordBytes } from './kept-record.ts'
import { defaultLimits } from './limits.ts'
import { type Result } from './result.ts'

/** The libp2p protocol by which relays keep sealed records. [Q3] */
export const keepingProtocol = '/tsugi/records/1.0.0'
/** How many bytes of records go into one message of this protocol, so that it stays within `gameMessageBytes`. */
export const keepingBatchBytes = 60 * 1_024

const topic = v.pipe(v.string(), v.minLength(1), v.maxLength(256))
const ids = v.pipe(
  byteString,
  v.maxLength(keepingBatchBytes),
  v.check(bytes => bytes.length % keptIdBytes === 0, 'cut short'),
)
const records = v.pipe(v.array(v.pipe(byteString, v.maxLength(maxKeptRecordBytes))), v.minLength(1), v.maxLength(1_024))

const code = v.pipe(v.string(), v.maxLength(64))

const requestSchema = v.variant('t', [
  v.strictObject({ t: v.literal('get'), topic, have: ids }),
  v.strictObject({ t: v.literal('put'), topic, records }),
])
const answerSchema = v.variant('t', [
  v.strictObject({ t: v.literal('records'), records }),
  v.strictObject({ t: v.literal('got'), lacks: ids }),
  v.strictObject({
    t: v.literal('stored'),
    count: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    code: v.optional(code),
  }),
  v.strictObject({ t: v.literal('refused'), code }),
])

/** What a peer asks of a relay that keeps records. [Q4] [Q5] */
export type KeepingRequest = v.InferOutput<typeof requestSchema>
/** What the relay answers. [Q4] [Q5] */
export type KeepingAnswer = v.InferOutput<typeof answerSchema>

/** Reads a request from a stranger. Never throws. [Q3] */
export function decodeKeepingRequest(bytes: Uint8Array): Result<KeepingRequest, 'message/malformed'> {
  return decodeBySchema(requestSchema, bytes, defaultLimits.gameMessageBytes)
}

/** Reads an answer from a relay. Never throws. [Q3] */
export function decodeKeepingAnswer(bytes: Uint8Array): Result<KeepingAnswer, 'message/malformed'> {
  return decodeBySchema(answerSchema, bytes, defaultLimits.gameMessageBytes)
}

/** Parts records into messages of at most {@link keepingBatchBytes}, in order. */
export function batchesOf(list: readonly Uint8Array[]): Uint8Array[][] {
  const batches: Uint8Array[][] = []
  let room = 0
  for (const bytes of list) {
    const batch = batches.at(-1)
    // Five bytes: the longest head that CBOR puts before a string of this size.
    room -= bytes.length + 5
    if (batch === undefined || room < 0 || batch.length === 1_024) {
      batches.push([bytes])
      room = keepingBatchBytes - bytes.length - 5
    } else batch.push(bytes)
  }
  return batches
}
