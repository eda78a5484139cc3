import type { Bans } from '@tsugi/relay'
import {
  integer,
  maxLength,
  minLength,
  nullable,
  number,
  optional,
  picklist,
  pipe,
  strictObject,
  string,
} from 'valibot'

import type { Problem } from './problem.ts'
import { check, checkQuery, filterText, pageEntries, pageOf } from './query.ts'
import type { ApiAnswer, Route } from './route.ts'

const listQuery = strictObject({
  ...pageEntries,
  kind: optional(picklist(['peer', 'address', 'prefix'], 'is no kind')),
})
const removeQuery = strictObject({ id: filterText })
const request = strictObject({
  kind: picklist(['peer', 'address', 'prefix'], 'is neither peer, address nor prefix'),
  value: pipe(string('is no text'), minLength(1, 'is empty'), maxLength(256, 'is too long')),
  reason: optional(pipe(string('is no text'), maxLength(200, 'is longer than 200 characters'))),
  expiresAtMs: optional(nullable(pipe(number('is no number'), integer('is no whole number')))),
})

const notFound: Problem = { code: 'ban/not-found', detail: 'There is no ban of that id.' }

/** Who may not come. */
export function banRoutes(bans: Bans): Route[] {
  const remove = async (id: string): Promise<ApiAnswer> =>
    (await bans.remove(id)) ? { status: 204 } : { problem: notFound }
  return [
    {
      method: 'GET',
      path: '/bans',
      takesQuery: true,
      summary: 'bans in force, the newest first',
      handle({ query }) {
        const wanted = checkQuery(listQuery, query)
        if (!wanted.ok) return wanted
        const { kind } = wanted.value
        const found = bans.list().filter(each => kind === undefined || each.kind === kind)
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
      method: 'POST',
      path: '/bans',
      summary: 'bans a peer, an address or a prefix, and ends what stands: `{ kind, value, reason?, expiresAtMs? }`',
      async handle({ body }) {
        const wanted = check(request, body)
        if (!wanted.ok) return wanted
        const { kind, value, reason, expiresAtMs } = wanted.value
        const added = await bans.add({
          kind,
          value,
          ...(reason !== undefined && { reason }),
          ...(expiresAtMs !== undefined && { expiresAtMs }),
        })
        return added.ok ? { status: 201, body: added.ban } : { problem: { code: added.code, detail: added.message } }
      },
    },
    {
      method: 'DELETE',
      path: '/bans/:id',
      summary: 'lifts a ban',
      handle: ({ params }) => remove(params['id'] ?? ''),
    },
    {
      method: 'DELETE',
      path: '/bans',
      takesQuery: true,
      summary: 'the same, with `?id=`',
      async handle({ query }) {
        const wanted = checkQuery(removeQuery, query)
        if (!wanted.ok) return wanted
        return remove(wanted.value.id ?? '')
      },
    },
  ]
}
