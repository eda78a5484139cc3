import { fromBase64url, toBase64url } from './base64url.ts'
import { deriveBytes, isSignedFor, publicKeyOf, sha256, signFor } from './crypto.ts'
import { type MatchId, type RecordHash, type TopicName } from './ids.ts'
import { hashBytes } from './record.ts'
import { type Result, accept, refuse } from './result.ts'

/** How many random bytes an invite's secret has. [I1] */
export const inviteSecretBytes = 16

/** What somebody who may read a match holds: the topic's name and the key of its messages. [I2] */
export interface ReadKeys {
  readonly topic: TopicName
  readonly messageKey: Uint8Array
}

/** What a link says. A player's link holds `secret`; a watcher's holds only what it takes to read. [I4] */
export type InviteLink =
  | { readonly role: 'play'; readonly match: MatchId; readonly secret: Uint8Array; readonly readSecret: Uint8Array }
  | { readonly role: 'watch'; readonly match: MatchId; readonly readSecret: Uint8Array }

/** What a watcher holds, derived from what a player holds; the way back does not exist. [I2] */
export function readSecretOf(secret: Uint8Array): Uint8Array {
  return deriveBytes(secret, 'tsugi/1 read', inviteSecretBytes)
}

/** The topic's name and the key of its messages. [I2] */
export function readKeysOf(readSecret: Uint8Array): ReadKeys {
  return {
    topic: toBase64url(deriveBytes(readSecret, 'tsugi/1 topic', 20)) as TopicName,
    messageKey: deriveBytes(readSecret, 'tsugi/1 message key', 32),
  }
}

/** The invitation's own key pair; its public key stands in the genesis record. [I3] */
export function invitationKeyOf(secret: Uint8Array): {
  readonly secretKey: Uint8Array
  readonly publicKey: Uint8Array
} {
  const secretKey = deriveBytes(secret, 'tsugi/1 invitation key', 32)
  return { secretKey, publicKey: publicKeyOf(secretKey) }
}

const sitPurpose = 'tsugi/1 sit'

/** The invitation's signature that lets a key sit down. [I3] */
export function signInvitation(secret: Uint8Array, genesis: RecordHash, sitter: Uint8Array, seat: number): Uint8Array {
  return signFor(sitPurpose, sitBytes(genesis, sitter, seat), invitationKeyOf(secret).secretKey)
}

/** Whether the invitation named in the genesis record let this key sit here. [I3] */
export function isInvited(
  invitation: Uint8Array,
  signature: Uint8Array,
  genesis: RecordHash,
  sitter: Uint8Array,
  seat: number,
): boolean {
  return isSignedFor(sitPurpose, sitBytes(genesis, sitter, seat), signature, invitation)
}

/** The part of an invite link after `#`: `/play/<match>.<secret>`. [I4] */
export function playFragment(match: MatchId, secret: Uint8Array): string {
  return `/play/${match}.${toBase64url(secret)}`
}

/** The part of a watcher's link after `#`: `/watch/<match>.<read secret>`. [I4] */
export function watchFragment(match: MatchId, readSecret: Uint8Array): string {
  return `/watch/${match}.${toBase64url(readSecret)}`
}

/** Reads the fragment of a link, with or without its `#`. [I4] */
export function parseFragment(fragment: string): Result<InviteLink, 'invite/malformed' | 'invite/wrong-length'> {
  const parts = /^#?\/(play|watch)\/([A-Za-z0-9_-]{1,100})\.([A-Za-z0-9_-]{1,100})$/.exec(fragment)
  if (parts === null) return refuse('invite/malformed')
  const [, role, match, secretText] = parts as unknown as [string, 'play' | 'watch', string, string]
  const matchRead = fromBase64url(match)
  const secret = fromBase64url(secretText)
  if (match.length !== 27 || secretText.length !== 22) return refuse('invite/wrong-length')
  if (matchRead === null || secret === null) return refuse('invite/malformed')
  const id = match as MatchId
  return accept(
    role === 'play'
      ? { role, match: id, secret, readSecret: readSecretOf(secret) }
      : { role, match: id, readSecret: secret },
  )
}

/** Hides the next match's secret from everybody but this match's players, for a rematch record. 16 bytes become 32. [I5] */
export function sealRematch(secret: Uint8Array, next: Uint8Array): Uint8Array {
  // A one-time pad of a key used for one rematch only would be too fragile: the pad is bound to a tag of what it hides.
  const tag = sha256(joined(deriveBytes(secret, 'tsugi/1 rematch tag', 32), next)).subarray(0, 16)
  const pad = deriveBytes(joined(secret, tag), 'tsugi/1 rematch pad', 16)
  return joined(
    tag,
    next.map((byte, index) => byte ^ (pad[index] ?? 0)),
  )
}

/** Opens what {@link sealRematch} made. [I5] */
export function openRematch(
  secret: Uint8Array,
  sealed: Uint8Array,
): Result<Uint8Array, 'seal/malformed' | 'seal/forged'> {
  if (sealed.length !== 32) return refuse('seal/malformed')
  const pad = deriveBytes(joined(secret, sealed.subarray(0, 16)), 'tsugi/1 rematch pad', 16)
  const next = sealed.slice(16).map((byte, index) => byte ^ (pad[index] ?? 0))
  const again = sealRematch(secret, next)
  return again.every((byte, index) => byte === sealed[index]) ? accept(next) : refuse('seal/forged')
}

function sitBytes(genesis: RecordHash, sitter: Uint8Array, seat: number): Uint8Array {
  return joined(hashBytes(genesis), sitter, Uint8Array.of(seat))
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
