import type { LinkKind } from '../links/link.ts'
import { restingPingMs, urgentPingMs } from './line-monitor.ts'
import type { RelayTransport } from './relay-transport.ts'

/** What decides how often lines are asked whether they are still there. */
export interface PingSituation {
  readonly relays: readonly { readonly transport?: RelayTransport }[]
  readonly links: readonly { readonly kind: LinkKind }[]
  /** Whether quiet is worth more than to know within seconds. */
  readonly isSparing: boolean
}

/**
 * How often a line is asked, given how often its relay may be asked by each guest, in milliseconds; `undefined` for a line that leads to none. [W7]
 *
 * - One to a relay: everybody who is reached through relays alone waits for them, otherwise the relay says how often.
 * - Any other: rarely, because what it carries goes over the relays too. Where every line to them goes by UDP, as the direct lines do, one thing can take
 *   them all: then one of the direct lines is asked every two seconds, which costs no relay anything, and what misses an answer has the rest asked as well.
 */
export function pingPace({ relays, links, isSparing }: PingSituation): (relayMs: number | undefined) => number {
  const count = (wanted: LinkKind): number => links.filter(({ kind }) => kind === wanted).length
  const toRelay = count('relayed') > 0 ? urgentPingMs : undefined
  const ways = relays.flatMap(({ transport }) => transport ?? [])
  const isAllByUdp = ways.length > 0 && !ways.includes('websocket')
  const toOther =
    isAllByUdp && !isSparing ? Math.min(restingPingMs, urgentPingMs * Math.max(1, count('direct'))) : restingPingMs
  return relayMs => {
    if (relayMs === undefined) return toOther
    return toRelay ?? (isSparing ? restingPingMs : relayMs)
  }
}
