import { peerIdFromString } from '@libp2p/peer-id'

import { formatIp, formatIpPrefix, parseIp, parseIpPrefix } from '../addresses/ip-address.ts'

/** What a ban names: a peer id, one IP address, or a network such as `192.0.2.0/24`. */
export type BanKind = 'peer' | 'address' | 'prefix'

/** Somebody who is not served. */
export interface Ban {
  readonly id: string
  readonly kind: BanKind
  /** In its one spelling: IPv4 that is written as IPv6 is IPv4, a network has no bit set beyond its prefix. */
  readonly value: string
  /** For operators; the banned are not told. */
  readonly reason: string
  readonly createdAtMs: number
  /** `null`: for good. */
  readonly expiresAtMs: number | null
}

/** A ban as an operator asks for it. */
export interface BanRequest {
  readonly kind: BanKind
  readonly value: string
  /** At most 200 characters. */
  readonly reason?: string | undefined
  /** In milliseconds since 1970; `null` or absent: for good. */
  readonly expiresAtMs?: number | null | undefined
}

/** What asking for a ban may come to. */
export type BanOutcome =
  | { readonly ok: true; readonly ban: Ban }
  | { readonly ok: false; readonly code: 'ban/invalid' | 'ban/full'; readonly message: string }

const kinds: readonly string[] = ['peer', 'address', 'prefix'] satisfies BanKind[]
const maxValueLength = 128
const maxReasonLength = 200

/** A request that was read, or what is wrong with it. */
export type ParsedBan =
  | {
      readonly ok: true
      readonly kind: BanKind
      readonly value: string
      readonly reason: string
      readonly expiresAtMs: number | null
    }
  | { readonly ok: false; readonly message: string }

/** Reads a request that may have come from anywhere, such as the body of an HTTP request. */
export function parseBan(request: BanRequest, nowMs: number): ParsedBan {
  const { kind, value, reason = '', expiresAtMs = null } = request
  if (!kinds.includes(kind)) return invalid(`A ban's kind is one of ${kinds.join(', ')}.`)
  if (typeof value !== 'string' || value.length > maxValueLength)
    return invalid('A ban names a peer, address or prefix.')
  if (typeof reason !== 'string' || reason.length > maxReasonLength) {
    return invalid(`A ban's reason is a text of at most ${maxReasonLength} characters.`)
  }
  if (expiresAtMs !== null && (!Number.isSafeInteger(expiresAtMs) || expiresAtMs <= nowMs)) {
    return invalid('A ban ends in the future, at a time in milliseconds since 1970, or never (null).')
  }
  const spelled = spell(kind, value.trim())
  if (spelled === undefined) return invalid(`"${value}" is no ${wanted[kind]}.`)
  return { ok: true, kind, value: spelled, reason, expiresAtMs }
}

const wanted: Readonly<Record<BanKind, string>> = {
  peer: 'peer id',
  address: 'IP address',
  prefix: 'prefix such as 192.0.2.0/24 or 2001:db8::/32, of at least one bit',
}

function spell(kind: BanKind, value: string): string | undefined {
  switch (kind) {
    case 'peer':
      return spellPeer(value)
    case 'address': {
      const address = parseIp(value)
      return address && formatIp(address)
    }
    case 'prefix': {
      const prefix = parseIpPrefix(value)
      // Everybody is turned away by draining the relay, not by a ban of all addresses.
      return prefix === undefined || prefix.bits === 0 ? undefined : formatIpPrefix(prefix)
    }
  }
}

function spellPeer(value: string): string | undefined {
  try {
    return peerIdFromString(value).toString()
  } catch {
    return undefined
  }
}

function invalid(message: string): ParsedBan {
  return { ok: false, message }
}
