import * as v from 'valibot'

import { toBase64url } from './base64url.ts'
import { bytesOf } from './byte-string.ts'
import { bytesEqual } from './bytes-equal.ts'
import { decodeCanonical, encodeCanonical } from './cbor.ts'
import { isSignedFor, publicKeyOf, sha256, signFor } from './crypto.ts'
import { toHex } from './hex.ts'
import { type MatchId, type RecordHash } from './ids.ts'
import { type RecordContent, type RecordKind, recordBodySchemas, recordKinds } from './record-body.ts'
import { type Result, accept, refuse } from './result.ts'

/** How long one record may be. [R1] */
export const maxRecordBytes = 4_096

const purpose = 'tsugi/1 record'

/** Where a record stands and who wrote it. */
export interface RecordPlace {
  /** The first 20 bytes of the genesis record's hash; null in the genesis record itself. [R4] */
  readonly match: Uint8Array | null
  /** The hash of the record before; null in the genesis record. */
  readonly parent: RecordHash | null
  /** 0 for the genesis record, else the parent's height and one. */
  readonly height: number
  /** The author's public key, in hexadecimal. */
  readonly author: string
  /** The author's own counter; an author never uses one twice. [R7] */
  readonly counter: number
  /** The author's own clock, in milliseconds since 1970. */
  readonly at: number
}

/** One record, read and checked for shape. Its signature and its meaning are checked apart. */
export type MatchRecord = RecordPlace &
  RecordContent & {
    /** SHA-256 of `bytes`, in hexadecimal. */
    readonly hash: RecordHash
    /** The very bytes that travelled. */
    readonly bytes: Uint8Array
    readonly signature: Uint8Array
  }

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const common = {
  v: v.literal(1),
  h: whole,
  a: bytesOf(32),
  n: v.pipe(whole, v.minValue(1)),
  t: whole,
  b: v.unknown(),
  s: bytesOf(64),
}
const genesisShape = v.strictObject({ ...common, k: v.literal('genesis'), h: v.literal(0), n: v.literal(1) })
const laterShape = v.strictObject({ ...common, k: v.picklist(recordKinds), g: bytesOf(20), p: bytesOf(32) })

/**
 * Writes and signs a record. [R1] [R2] [R3]
 *
 * @throws RangeError when the content makes it longer than {@link maxRecordBytes}
 */
export function createRecord(
  place: Omit<RecordPlace, 'author'>,
  content: RecordContent,
  secretKey: Uint8Array,
): MatchRecord {
  const author = publicKeyOf(secretKey)
  const unsigned = {
    v: 1,
    k: content.kind,
    ...(place.match !== null && place.parent !== null ? { g: place.match, p: hashBytes(place.parent) } : {}),
    h: place.height,
    a: author,
    n: place.counter,
    t: place.at,
    b: dropUndefined(content.body),
  }
  const signature = signFor(purpose, encodeCanonical(unsigned), secretKey)
  const written = encodeCanonical({ ...unsigned, s: signature })
  if (written.length > maxRecordBytes)
    throw new RangeError(`A record of ${written.length} bytes is longer than ${maxRecordBytes}.`)
  return {
    ...place,
    ...content,
    author: toHex(author),
    hash: toHex(sha256(written)) as RecordHash,
    bytes: written,
    signature,
  }
}

/** Reads a record from a stranger: size, canonical form and shape; not yet its signature. Never throws. [R1] [R2] [R5] */
export function decodeRecord(written: Uint8Array): Result<MatchRecord, 'record/too-large' | 'record/malformed'> {
  if (written.length > maxRecordBytes) return refuse('record/too-large')
  const decoded = decodeCanonical(written, maxRecordBytes)
  if (!decoded.ok) return refuse('record/malformed', decoded.code)
  const isGenesis =
    typeof decoded.value === 'object' && decoded.value !== null && (decoded.value as { k?: unknown }).k === 'genesis'
  const shape = v.safeParse(isGenesis ? genesisShape : laterShape, decoded.value)
  if (!shape.success) return refuse('record/malformed', where(shape.issues[0]))
  const fields = shape.output
  const body = v.safeParse(recordBodySchemas[fields.k], fields.b)
  if (!body.success) return refuse('record/malformed', where(body.issues[0]))
  const later = 'g' in fields ? fields : null
  return accept({
    match: later === null ? null : later.g,
    parent: later === null ? null : (toHex(later.p) as RecordHash),
    height: fields.h,
    author: toHex(fields.a),
    counter: fields.n,
    at: fields.t,
    ...({ kind: fields.k, body: body.output } as RecordContent),
    hash: toHex(sha256(written)) as RecordHash,
    bytes: written,
    signature: fields.s,
  })
}

/** Whether a record is signed by its author. [R3] */
export function isRecordSigned(record: MatchRecord): boolean {
  const decoded = decodeCanonical(record.bytes, maxRecordBytes)
  if (!decoded.ok) return false
  const { s, a, ...rest } = decoded.value as { s: Uint8Array; a: Uint8Array }
  return isSignedFor(purpose, encodeCanonical({ ...rest, a }), s, a)
}

/** The first 20 bytes of a genesis record's hash: the match, as later records name it. [R4] */
export function matchBytes(genesis: RecordHash): Uint8Array {
  return hashBytes(genesis).subarray(0, 20)
}

/** The match that a genesis record starts. [R4] */
export function matchIdOf(genesis: RecordHash): MatchId {
  return toBase64url(matchBytes(genesis)) as MatchId
}

/** Whether a record names the match that `genesis` starts. */
export function isOfMatch(record: MatchRecord, genesis: RecordHash): boolean {
  return record.match !== null && bytesEqual(record.match, matchBytes(genesis))
}

/** A record's hash as 32 bytes. */
export function hashBytes(hash: RecordHash): Uint8Array {
  const out = new Uint8Array(32)
  for (let index = 0; index < 32; index++) out[index] = Number.parseInt(hash.slice(2 * index, 2 * index + 2), 16)
  return out
}

/** The kind of a record whose body the type checker should know. */
export function isKind<Kind extends RecordKind>(
  record: MatchRecord,
  kind: Kind,
): record is MatchRecord & Extract<RecordContent, { kind: Kind }> {
  return record.kind === kind
}

function where(issue: v.BaseIssue<unknown>): string {
  return v.getDotPath(issue) ?? issue.message
}

function dropUndefined(body: object): object {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))
}
