import type { Relay } from '@tsugi/relay'
import { optional, picklist, strictObject } from 'valibot'

import type { Problem } from './problem.ts'
import { checkQuery, filterText, pageEntries } from './query.ts'
import type { Route } from './route.ts'

const listQuery = strictObject({
  ...pageEntries,
  peer: filterText,
  app: filterText,
  state: optional(picklist(['connecting', 'connected', 'disconnecting'], 'is no state')),
})

const notFound: Problem = { code: 'circuit/not-found', detail: 'There is no circuit of that id any more.' }

/** What stands between whom. */
export function circuitRoutes(relay: Pick<Relay, 'findCircuits' | 'circuit' | 'closeCircuit'>): Route[] {
  return [
    {
      method: 'GET',
      path: '/circuits',
      takesQuery: true,
      summary: 'circuits, the newest first; `peer` matches a part of either end',
      handle({ query }) {
        const wanted = checkQuery(listQuery, query)
        if (!wanted.ok) return wanted
        const { limit, offset } = wanted.value
        const { total, items } = relay.findCircuits(wanted.value)
        return { status: 200, body: { total, limit, offset, items } }
      },
    },
    {
      method: 'GET',
      path: '/circuits/:id',
      summary: 'one circuit',
      handle({ params }) {
        const circuit = relay.circuit(idOf(params['id']))
        return circuit === undefined ? { problem: notFound } : { status: 200, body: circuit }
      },
    },
    {
      method: 'DELETE',
      path: '/circuits/:id',
      summary: 'closes a circuit; both ends hear it at once',
      handle: ({ params }) => (relay.closeCircuit(idOf(params['id'])) ? { status: 204 } : { problem: notFound }),
    },
  ]
}

/** An id is a whole number; anything else is nobody's. */
function idOf(text: string | undefined): number {
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : -1
}
