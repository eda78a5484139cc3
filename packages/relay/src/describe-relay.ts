import { isIPv6 } from 'node:net'

import type { Limits, WellKnown } from '@tsugi/protocol'

/** The facts that a relay's public description is made of. */
export interface RelayFacts {
  readonly peerId: string
  readonly multiaddrs: readonly string[]
  readonly stun: readonly string[]
  readonly apps: readonly string[] | 'any'
  readonly limits: Limits
  readonly load: { readonly peers: number; readonly reservations: number; readonly circuits: number }
  readonly isDraining: boolean
  readonly region?: string | undefined
  /** Origins of other relays. */
  readonly relays?: readonly string[]
}

/** A relay has room while it is below this share of its peers and of its reservations. */
const fullShare = 0.95

/** The document that a relay serves at `/.well-known/tsugi.json`; `parseWellKnown` of `@tsugi/protocol` reads it. [W1] */
export function describeRelay(facts: RelayFacts): WellKnown {
  const { load, limits } = facts
  const hasRoom = load.peers < limits.relayPeers * fullShare && load.reservations < limits.relayReservations * fullShare
  return {
    version: 1,
    protocol: 'tsugi/1',
    peerId: facts.peerId,
    multiaddrs: facts.multiaddrs.slice(0, 32),
    stun: facts.stun.slice(0, 8),
    apps: facts.apps === 'any' ? 'any' : [...facts.apps],
    // JSON has no number for "none": a limit that is absent does not exist.
    limits: Object.fromEntries(Object.entries(limits).filter(([, value]) => Number.isFinite(value))),
    load: { ...load, room: hasRoom && !facts.isDraining },
    draining: facts.isDraining,
    ...(facts.region !== undefined && { region: facts.region }),
    ...(facts.relays !== undefined && facts.relays.length > 0 && { relays: [...facts.relays] }),
  }
}

/** `stun:` addresses in the form of RFC 7064. */
export function stunUris(hosts: readonly string[], port: number): string[] {
  return hosts.map(host => `stun:${isIPv6(host) ? `[${host}]` : host}:${port}`)
}
