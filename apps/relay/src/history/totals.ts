import type { RelayStats } from '@tsugi/relay'

/** Counters by name, such as `bytes` or `refusal/address/joins`. */
export type Totals = Readonly<Record<string, number>>

/** There are about a hundred names; a file that holds more is not ours. */
export const maxTotals = 1_000

/** The counters of a relay since it started, under the names that they are kept by. */
export function totalsOf(stats: RelayStats, more: readonly Totals[] = []): Totals {
  const { circuits, gossip, stun, records, guard } = stats
  return Object.assign(
    {
      packets: circuits.totals.packets,
      bytes: circuits.totals.bytes,
      besideBytes: circuits.besideBytes,
      reservationsReleased: circuits.reservationsReleased,
      gossipMessages: gossip.messages,
      gossipBytes: gossip.bytes,
      gossipLate: gossip.lateMessages,
      stunRequests: stun.requests,
      stunResponses: stun.responses,
      recordOperations: records.operations,
      recordGamesEvicted: records.evicted,
      guardClosedCircuits: guard.closedCircuits,
      guardClosedPeers: guard.closedPeers,
      uptimeSeconds: stats.uptimeMs / 1_000,
    },
    withPrefix('refusal/', stats.refusals),
    Object.fromEntries(Object.entries(stats.transports).map(([name, { opened }]) => [`opened/${name}`, opened])),
    ...more,
  ) as Totals
}

/** The same names in both, added up; a name that one of them lacks counts as 0 there. */
export function addTotals(one: Totals, other: Totals): Totals {
  const sums: Record<string, number> = { ...one }
  for (const [name, count] of Object.entries(other)) sums[name] = (sums[name] ?? 0) + count
  return sums
}

/** The counters whose name starts with a prefix, without it. */
export function totalsBelow(prefix: string, totals: Totals): Totals {
  const found = Object.entries(totals).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(found.map(([name, count]) => [name.slice(prefix.length), count]))
}

/** The counters with a prefix before their names. */
export function withPrefix(prefix: string, totals: Totals): Totals {
  return Object.fromEntries(Object.entries(totals).map(([name, count]) => [prefix + name, count]))
}
