import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { ArchivedChain } from '@tsugi/relay'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { archiveRoutes } from './archive-routes.ts'
import { createApi } from './create-api.ts'

const row = (id: string, hasSgf = true) => ({
  id,
  app: 'go',
  rules: 'go',
  players: ['Ann', 'Ben'],
  result: 'B+R',
  moves: 1,
  startedAtMs: 1,
  endedAtMs: 2,
  archivedAtMs: 3,
  records: 1,
  bytes: 3,
  hasSgf,
})
const game = (id: string, sgf: string | null = '(;GM[1]PB[Ann])'): ArchivedChain => ({
  ...row(id, sgf !== null),
  chain: [Uint8Array.of(1, 2, 3)],
  sgf,
})
const games = new Map([game('a'), game('b'), game('heap', null)].map(each => [each.id, each]))

let server: Server
let origin: string
beforeAll(async () => {
  const routes = archiveRoutes({
    list: () => [...games.values()].map(({ id, hasSgf }) => row(id, hasSgf)),
    get: id => Promise.resolve(games.get(id)),
    remove: id => Promise.resolve(games.delete(id)),
  })
  const api = createApi(routes)
  server = createServer((request, response) => void api(request, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/archive`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise(resolve => void server.close(resolve))
})

test('B12: published games are listed in pages, without their records', async () => {
  expect(await (await fetch(`${origin}?limit=1`)).json()).toMatchObject({ total: 3, items: [row('a')] })
  expect((await fetch(`${origin}?limit=x`)).status).toBe(400)
})

test('B12: a published game has its signed records, and its SGF as a file', async () => {
  expect(await (await fetch(`${origin}/a`)).json()).toEqual({ ...game('a'), chain: ['AQID'] })
  const response = await fetch(`${origin}/a.sgf`)
  expect(response.headers.get('content-type')).toBe('application/x-go-sgf; charset=utf-8')
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="a.sgf"')
  expect(await response.text()).toBe('(;GM[1]PB[Ann])')
})

test('B12: the list says which games have an SGF, and the others are not offered as one', async () => {
  const { items } = (await (await fetch(origin)).json()) as { items: { id: string; hasSgf: boolean }[] }
  for (const { id, hasSgf } of items) expect((await fetch(`${origin}/${id}.sgf`)).status).toBe(hasSgf ? 200 : 404)
  expect(await (await fetch(`${origin}/heap.sgf`)).json()).toMatchObject({
    detail: 'This game is kept without an SGF.',
  })
  expect(new Set(items.map(({ hasSgf }) => hasSgf))).toEqual(new Set([true, false]))
})

test.each(['/nobody', '/nobody.sgf', '/heap.sgf'])('there is nothing at %s', async path => {
  const response = await fetch(origin + path)
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({ title: 'No such published game' })
})

test('B12: a published game can be removed', async () => {
  expect((await fetch(`${origin}/b`, { method: 'DELETE' })).status).toBe(204)
  expect((await fetch(`${origin}/b`, { method: 'DELETE' })).status).toBe(404)
})
