import * as v from 'valibot'

import { byteString, bytesOf } from './byte-string.ts'
import { encodeCanonical } from './cbor.ts'
import { decodeBySchema } from './decode-by-schema.ts'
import { defaultLimits } from './limits.ts'
import { playerNameSchema } from './player-name.ts'
import { maxRecordBytes } from './record.ts'
import { type Result, refuse } from './result.ts'
import { openSealed, sealBytes } from './seal.ts'

/** The bytes of a record's hash that stand for it in a `want` message. [M4] */
export const shortIdBytes = 16

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const peer = v.pipe(v.string(), v.minLength(1), v.maxLength(128))

const schema = v.variant('t', [
  v.strictObject({
    t: v.literal('records'),
    records: v.pipe(v.array(v.pipe(byteString, v.maxLength(maxRecordBytes))), v.minLength(1), v.maxLength(1_024)),
  }),
  v.strictObject({ t: v.literal('head'), head: bytesOf(32), height: whole, digest: bytesOf(16), count: whole }),
  v.strictObject({
    t: v.literal('want'),
    to: v.optional(peer),
    have: v.pipe(
      byteString,
      v.maxLength(60 * 1_024),
      v.check(ids => ids.length % shortIdBytes === 0, 'cut short'),
    ),
  }),
  v.strictObject({
    t: v.literal('presence'),
    status: v.picklist(['here', 'away', 'leaving']),
    name: playerNameSchema,
    at: whole,
    seat: v.optional(v.strictObject({ seat: v.pipe(whole, v.maxValue(63)), signature: bytesOf(64) })),
  }),
])

/** What travels on a match's topic, before it is sealed. [M1] */
export type MatchMessage = v.InferOutput<typeof schema>

/** Writes a message. */
export function encodeMessage(message: MatchMessage): Uint8Array {
  return encodeCanonical(message)
}

/** Reads a message from a stranger. Never throws. [M1] [M2] */
export function decodeMessage(plain: Uint8Array): Result<MatchMessage, 'message/too-large' | 'message/malformed'> {
  if (plain.length > defaultLimits.gameMessageBytes) return refuse('message/too-large')
  return decodeBySchema(schema, plain, defaultLimits.gameMessageBytes)
}

/** Writes and seals a message. `nonce` must be fresh. [M2] [S1] */
export function sealMessage(
  message: MatchMessage,
  key: Uint8Array,
  nonce: Uint8Array,
  context: Uint8Array,
): Uint8Array {
  return sealBytes(encodeMessage(message), key, nonce, context)
}

/** Opens and reads a message; its size is checked before anything else. [M2] [S2] */
export function openMessage(
  sealed: Uint8Array,
  key: Uint8Array,
  context: Uint8Array,
): Result<MatchMessage, 'message/too-large' | 'message/malformed' | 'seal/malformed' | 'seal/forged'> {
  if (sealed.length > defaultLimits.gameMessageBytes) return refuse('message/too-large')
  const plain = openSealed(sealed, key, context)
  return plain.ok ? decodeMessage(plain.value) : plain
}
