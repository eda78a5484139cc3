import * as v from 'valibot'

import { defaultLimits } from './limits.ts'
import { type Result, accept, refuse } from './result.ts'

/** Where a relay describes itself. [W1] */
export const wellKnownPath = '/.well-known/tsugi.json'

/** The protocol on which peers and relays exchange descriptions without HTTP. [W5] */
export const relaysProtocol = '/tsugi/relays/1.0.0'

/**
 * The DHT of Tsugi's relays. Not `/ipfs/kad/1.0.0`: that is the public network of IPFS, whose tens of thousands of nodes would fill
 * the routing table and send their traffic, and none of whom is a relay for games. go and rust peers set the same name by an option. [W6]
 */
export const relaysDhtProtocol = '/tsugi/kad/1.0.0'

/** The name under which relays provide themselves there: its digest belongs to no application. [W6] */
export const relaysDhtName = 'tsugi/1 relays'

/** How many other relays one description names. [W4] */
export const maxRelayHints = 16

const text = (max: number) => v.pipe(v.string(), v.maxLength(max))
const count = v.pipe(v.number(), v.integer(), v.minValue(0))

const schema = v.object({
  version: v.literal(1),
  protocol: v.literal('tsugi/1'),
  peerId: text(128),
  multiaddrs: v.pipe(v.array(text(512)), v.maxLength(32)),
  stun: v.pipe(v.array(v.pipe(text(256), v.regex(/^stuns?:/))), v.maxLength(8)),
  apps: v.union([v.literal('any'), v.pipe(v.array(text(63)), v.maxLength(100))]),
  limits: v.record(text(64), v.number()),
  load: v.object({ peers: count, reservations: count, circuits: count, room: v.boolean() }),
  draining: v.boolean(),
  region: v.optional(v.pipe(text(32), v.regex(/^[^\p{C}]*$/u))),
  relays: v.optional(v.pipe(v.array(text(512)), v.maxLength(maxRelayHints))),
  fellow: v.optional(v.boolean()),
})

/** A relay's own description, as served at {@link wellKnownPath}. Fields that a reader does not know are ignored. [W2] */
export type WellKnown = v.InferOutput<typeof schema>

/**
 * Reads a relay's description.
 *
 * @param json - the body as text; at most `wellKnownBytes` UTF-16 units are read [W3]
 */
export function parseWellKnown(json: string): Result<WellKnown, 'well-known/too-large' | 'well-known/malformed'> {
  if (json.length > defaultLimits.wellKnownBytes) return refuse('well-known/too-large')
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return refuse('well-known/malformed', 'not JSON')
  }
  const parsed = v.safeParse(schema, value)
  if (parsed.success) return accept(parsed.output)
  return refuse('well-known/malformed', v.getDotPath(parsed.issues[0]) ?? parsed.issues[0].message)
}
