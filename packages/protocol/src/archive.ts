import * as v from 'valibot'

import { byteString, bytesOf } from './byte-string.ts'
import { encodeCanonical } from './cbor.ts'
import { isSignedFor, publicKeyOf, signFor } from './crypto.ts'
import { decodeBySchema } from './decode-by-schema.ts'
import { type MatchId } from './ids.ts'
import { defaultLimits } from './limits.ts'
import { maxRecordBytes } from './record.ts'
import { type Result } from './result.ts'

/** The libp2p protocol by which players publish a finished game. [A2] */
export const archiveProtocol = '/tsugi/archive/1.0.0'

const purpose = 'tsugi/1 archive'

const partSchema = v.variant('t', [
  v.strictObject({
    t: v.literal('records'),
    records: v.pipe(v.array(v.pipe(byteString, v.maxLength(maxRecordBytes))), v.minLength(1), v.maxLength(1_024)),
  }),
  v.strictObject({ t: v.literal('publish'), key: bytesOf(32), signature: bytesOf(64) }),
])
const answerSchema = v.variant('t', [
  v.strictObject({ t: v.literal('archived') }),
  v.strictObject({ t: v.literal('refused'), code: v.pipe(v.string(), v.maxLength(64)) }),
])

/** A part of a publication: its records, in any number of messages, and then a player's word. [A2] */
export type PublicationPart = v.InferOutput<typeof partSchema>
/** What the relay answers to a publication. [A2] */
export type PublicationAnswer = v.InferOutput<typeof answerSchema>

/** Reads a part of a publication from a stranger. Never throws. [A2] */
export function decodePublicationPart(bytes: Uint8Array): Result<PublicationPart, 'message/malformed'> {
  return decodeBySchema(partSchema, bytes, defaultLimits.gameMessageBytes)
}

/** Reads a relay's answer. Never throws. [A2] */
export function decodePublicationAnswer(bytes: Uint8Array): Result<PublicationAnswer, 'message/malformed'> {
  return decodeBySchema(answerSchema, bytes, defaultLimits.gameMessageBytes)
}

/** A player's word that a relay may keep a match in the clear: what goes into a `publish` part. [A3] */
export function signPublication(
  match: MatchId,
  relay: string,
  seatKey: Uint8Array,
): { readonly key: Uint8Array; readonly signature: Uint8Array } {
  return { key: publicKeyOf(seatKey), signature: signFor(purpose, encodeCanonical({ match, relay }), seatKey) }
}

/** Whether a key has given its word for a match to this relay. Whose key it is is checked apart. [A3] */
export function isPublicationSigned(
  match: MatchId,
  relay: string,
  word: { readonly key: Uint8Array; readonly signature: Uint8Array },
): boolean {
  return isSignedFor(purpose, encodeCanonical({ match, relay }), word.signature, word.key)
}
