import type { CircuitRecord, Relay } from '@tsugi/relay'
import { optional, picklist, strictObject } from 'valibot'

import type { Problem } from './problem.ts'
import { checkQuery, filterText, pageEntries, pageOf } from './query.ts'
import type { Route } from './route.ts'

const listQuery = strictObject({
  ...pageEntries,
  peer: filterText,
  app: filterText,
  state: optional(picklist(['connecting', 'connected', 'disconnecting'], 'is no state')),
})

const notFound: Problem = { code: 'circuit/not-found', detail: 'There is no circuit of that id any more.' }

/** What stands between whom. */
export function circuitRoutes(relay: Pick<Relay, 'circuits' | 'circuit' | 'closeCircuit'>): Route[] {
  return [
    {
      method: 'GET',
      path: '/circuits',
      summary: 'circuits, the newest first; `peer` matches a part of either end',
      handle({ query }) {
        const wanted = checkQuery(listQuery, query)
        if (!wanted.ok) return wanted
        const { peer, app, state } = wanted.value
        const isWanted = (circuit: CircuitRecord): boolean =>
          (peer === undefined || circuit.source.includes(peer) || circuit.target.includes(peer)) &&
          (app === undefined || circuit.app === app) &&
          (state === undefined || circuit.state === state)
        const found = relay.circuits().filter(isWanted)
        return {
          status: 200,
          body: pageOf(
            found.toSorted((a, b) => b.createdAtMs - a.createdAtMs),
            wanted.value,
          ),
        }
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
