import { type WellKnown, hostKind, maxRelayHints, webOriginOf } from '@tsugi/protocol'

/** A fellow relay as hints are made of it. */
export interface HintSource {
  readonly described: WellKnown
  /** The URL that the operator named it by. */
  readonly url?: URL | undefined
}

/**
 * Where guests may go instead: fellow relays that do not drain, those with room first, then those of the reader's own region, then
 * the least loaded. Each is one web origin, where its description is too.
 */
export function relayHints(fellows: readonly HintSource[], region: string | undefined): string[] {
  const rank = ({ described }: HintSource): number =>
    (described.load.room ? 0 : 4) + (described.region === region ? 0 : 2) + shareOf(described)
  const found = fellows
    .filter(({ described }) => !described.draining)
    .map(fellow => ({ rank: rank(fellow), origin: originOf(fellow) }))
    .toSorted((one, other) => one.rank - other.rank)
    .flatMap(({ origin }) => origin ?? [])
  return [...new Set(found)].slice(0, maxRelayHints)
}

/** How full it is, 0…1. */
function shareOf({ load, limits }: WellKnown): number {
  const { relayPeers = Number.POSITIVE_INFINITY, relayReservations = Number.POSITIVE_INFINITY } = limits
  return Math.min(1, Math.max(load.peers / relayPeers, load.reservations / relayReservations))
}

/**
 * The origin under which guests reach it: its operator's own word (what it announces) when that is public, otherwise what our
 * operator calls it, which may be a name within one network.
 */
function originOf({ described, url }: HintSource): string | undefined {
  const announced = described.multiaddrs.flatMap(each => webOriginOf(each) ?? [])
  // Browsers on secure pages reach secure relays only.
  const secureFirst = [...announced.filter(each => each.startsWith('https:')), ...announced]
  const named = url === undefined ? [] : [url.origin]
  const isPublic = (origin: string): boolean => hostKind(new URL(origin).hostname.replace(/^\[|\]$/g, '')) === 'public'
  return [...secureFirst, ...named].find(isPublic) ?? named[0] ?? secureFirst[0]
}
