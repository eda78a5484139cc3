import * as v from 'valibot'

import { decodeCanonical, encodeCanonical } from './cbor.ts'
import { type Result, accept, refuse } from './result.ts'

/**
 * Announcements share a topic with the application's own messages. They start with these 16 bytes (drawn at random once);
 * everything that does not is the application's, untouched, so stock gossipsub peers can use the same topic. [T4]
 */
export const meetMagic = Uint8Array.of(
  0x9d,
  0x3a,
  0xc1,
  0x07,
  0x5e,
  0xf2,
  0x48,
  0xb6,
  0x21,
  0xd4,
  0x8f,
  0x70,
  0xea,
  0x13,
  0x6c,
  0x95,
)

const maxBytes = 4_096
const maxAddresses = 8
const maxAsked = 8
const address = v.pipe(v.string(), v.minLength(1), v.maxLength(512), v.startsWith('/'))

const schema = v.strictObject({
  v: v.literal(1),
  t: v.picklist(['here', 'bye']),
  addrs: v.pipe(v.array(address), v.maxLength(maxAddresses)),
  ask: v.exactOptional(v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(128))), v.maxLength(maxAsked))),
})

/** “I am here, and these are my addresses”, or “I am leaving”. Its author is the gossip message's signed author. [T5] */
export interface Announcement {
  readonly kind: 'here' | 'bye'
  /** Multiaddrs in text form, at most 8. */
  readonly addresses: readonly string[]
  /** Peer ids of those who should say whether they are still here, at most 8; the author itself asks everybody. [T6] [T7] */
  readonly ask?: readonly string[]
}

/** Whether a gossip message is an announcement and not the application's. */
export function isAnnouncement(data: Uint8Array): boolean {
  return data.length >= meetMagic.length && meetMagic.every((byte, index) => data[index] === byte)
}

/** Writes an announcement; addresses and asked peers beyond the eighth are left out. */
export function encodeAnnouncement({ kind, addresses, ask = [] }: Announcement): Uint8Array {
  const body = encodeCanonical({
    v: 1,
    t: kind,
    addrs: addresses.slice(0, maxAddresses),
    ...(ask.length > 0 && { ask: ask.slice(0, maxAsked) }),
  })
  const bytes = new Uint8Array(meetMagic.length + body.length)
  bytes.set(meetMagic)
  bytes.set(body, meetMagic.length)
  return bytes
}

/** Reads an announcement. */
export function decodeAnnouncement(data: Uint8Array): Result<Announcement, 'meet/malformed'> {
  if (!isAnnouncement(data)) return refuse('meet/malformed')
  const body = decodeCanonical(data.subarray(meetMagic.length), maxBytes)
  if (!body.ok) return refuse('meet/malformed', body.code)
  const parsed = v.safeParse(schema, body.value)
  if (!parsed.success) return refuse('meet/malformed', parsed.issues[0].message)
  const { t: kind, addrs: addresses, ask } = parsed.output
  return accept({ kind, addresses, ...(ask !== undefined && { ask }) })
}
