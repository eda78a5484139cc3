import { fromBase64url } from './base64url.ts'
import { type Result, accept, refuse } from './result.ts'

declare const brand: unique symbol
type Branded<T, Name extends string> = T & { readonly [brand]: Name }

/** A libp2p peer id in its text form, `12D3Koo…`. */
export type PeerId = Branded<string, 'PeerId'>
/** A match: base64url of the first 20 bytes of its genesis record's hash (27 characters). */
export type MatchId = Branded<string, 'MatchId'>
/** A topic as the application names it; on the wire it is prefixed, see `topic-name.ts`. */
export type TopicName = Branded<string, 'TopicName'>
/** An application id: 1 to 63 of `a-z 0-9 . -`, starting with a letter or digit. */
export type AppId = Branded<string, 'AppId'>
/** A record's sha-256 hash in hexadecimal (64 characters). */
export type RecordHash = Branded<string, 'RecordHash'>

/** The app of peers that name none: every stock libp2p peer. */
export const defaultApp = 'default' as AppId

const appPattern = /^[a-z0-9][a-z0-9.-]{0,62}$/

/** Reads an application id. */
export function parseAppId(text: string): Result<AppId, 'app/malformed'> {
  return appPattern.test(text) ? accept(text as AppId) : refuse('app/malformed')
}

/** Reads a match id: base64url of exactly 20 bytes, in its one spelling. */
export function parseMatchId(text: string): Result<MatchId, 'match/malformed-id'> {
  return text.length === 27 && fromBase64url(text) !== null ? accept(text as MatchId) : refuse('match/malformed-id')
}

/** Reads a record's hash: 64 lower-case hexadecimal digits. */
export function parseRecordHash(text: string): Result<RecordHash, 'record/malformed-hash'> {
  return /^[0-9a-f]{64}$/.test(text) ? accept(text as RecordHash) : refuse('record/malformed-hash')
}
