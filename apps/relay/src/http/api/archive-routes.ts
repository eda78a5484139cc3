import type { Archive, ArchivedChain } from '@tsugi/relay'
import { strictObject } from 'valibot'

import type { Problem } from './problem.ts'
import { checkQuery, pageEntries, pageOf } from './query.ts'
import type { Route } from './route.ts'

const listQuery = strictObject(pageEntries)
const notFound: Problem = { code: 'archive/not-found', detail: 'There is no published game of that id.' }
const sgfEnding = '.sgf'

/** Games that were published. */
export function archiveRoutes(archive: Archive): Route[] {
  return [
    {
      method: 'GET',
      path: '/archive',
      takesQuery: true,
      summary: 'published games, the latest first',
      handle({ query }) {
        const wanted = checkQuery(listQuery, query)
        return wanted.ok ? { status: 200, body: pageOf(archive.list(), wanted.value) } : wanted
      },
    },
    {
      method: 'GET',
      path: '/archive/:id',
      summary: 'one published game with its signed records in base64; as SGF when the id ends in `.sgf`',
      async handle({ params }) {
        const name = params['id'] ?? ''
        const isSgf = name.endsWith(sgfEnding)
        const game = await archive.get(isSgf ? name.slice(0, -sgfEnding.length) : name)
        if (game === undefined) return { problem: notFound }
        if (!isSgf) return { status: 200, body: inJson(game) }
        return game.sgf === null
          ? { problem: { ...notFound, detail: 'This game is kept without an SGF.' } }
          : { status: 200, text: game.sgf, type: 'application/x-go-sgf; charset=utf-8', fileName: `${game.id}.sgf` }
      },
    },
    {
      method: 'DELETE',
      path: '/archive/:id',
      summary: 'removes a published game',
      async handle({ params }) {
        return (await archive.remove(params['id'] ?? '')) ? { status: 204 } : { problem: notFound }
      },
    },
  ]
}

function inJson(game: ArchivedChain): unknown {
  return { ...game, chain: game.chain.map(record => Buffer.from(record).toString('base64')) }
}
