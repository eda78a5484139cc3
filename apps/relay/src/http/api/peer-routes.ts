import type { Relay } from '@tsugi/relay'
import { optional, picklist, strictObject } from 'valibot'

import type { Problem } from './problem.ts'
import { checkQuery, filterText, pageEntries, pageOf } from './query.ts'
import type { Route } from './route.ts'

const listQuery = strictObject({
  ...pageEntries,
  peer: filterText,
  app: filterText,
  address: filterText,
  transport: optional(picklist(['websocket', 'webrtc-direct', 'webtransport', 'other'], 'is no transport')),
  reserved: optional(picklist(['true', 'false'], 'is neither true nor false')),
})

const reservationQuery = strictObject({ ...pageEntries, peer: filterText })

const notFound: Problem = { code: 'peer/not-found', detail: 'Nobody of that peer id is connected.' }

/** Who is connected. */
export function peerRoutes(relay: Pick<Relay, 'findPeers' | 'peer' | 'closePeer' | 'reservations'>): Route[] {
  return [
    {
      method: 'GET',
      path: '/peers',
      takesQuery: true,
      summary: 'connected peers, the newest first; `peer` and `address` match a part',
      handle({ query }) {
        const wanted = checkQuery(listQuery, query)
        if (!wanted.ok) return wanted
        const { reserved, limit, offset, ...rest } = wanted.value
        const isReserved = reserved === undefined ? undefined : reserved === 'true'
        const { total, items } = relay.findPeers({ ...rest, isReserved, limit, offset })
        return { status: 200, body: { total, limit, offset, items } }
      },
    },
    {
      method: 'GET',
      path: '/peers/:peer',
      summary: 'one connected peer',
      handle({ params }) {
        const view = relay.peer(params['peer'] ?? '')
        return view === undefined ? { problem: notFound } : { status: 200, body: view }
      },
    },
    {
      method: 'DELETE',
      path: '/peers/:peer',
      summary: 'ends a peer’s reservation and closes its connections; it may come back, unless it is banned',
      handle: ({ params }) => (relay.closePeer(params['peer'] ?? '') ? { status: 204 } : { problem: notFound }),
    },
    {
      method: 'GET',
      path: '/reservations',
      takesQuery: true,
      summary: 'reservations in force, the newest first',
      handle({ query }) {
        const wanted = checkQuery(reservationQuery, query)
        if (!wanted.ok) return wanted
        const { peer } = wanted.value
        const found = relay.reservations().filter(each => peer === undefined || each.peer.includes(peer))
        return {
          status: 200,
          body: pageOf(
            found.toSorted((a, b) => b.sinceMs - a.sinceMs),
            wanted.value,
          ),
        }
      },
    },
  ]
}
