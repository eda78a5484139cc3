import { decodeCanonical, defaultLimits, encodeCanonical } from '@tsugi/protocol'
import { Key } from 'interface-datastore'
import { expect, test } from 'vitest'

import { createTestDisk } from '../../test-support/test-disk.ts'
import { type ArchiveStoreOptions, ArchiveStore } from './archive-store.ts'
import type { VerifiedGame } from './verified-game.ts'

const disk = createTestDisk()
let clock = 1_000_000
const open = (limits: Partial<ArchiveStoreOptions['limits']> = {}) =>
  ArchiveStore.open({ datastore: disk.datastore, limits: { ...defaultLimits, ...limits }, now: () => clock++ })
const game = (match: string, records = 2, more: Partial<VerifiedGame> = {}): VerifiedGame => ({
  ok: true,
  match,
  app: 'go',
  rules: 'go',
  players: ['Ann', ''],
  keys: [],
  result: 'B+R',
  moves: records,
  startedAtMs: 1,
  endedAtMs: 2,
  records: Array.from({ length: records }, (_, index) => new Uint8Array(100).fill(index)),
  sgf: '(;GM[1])',
  ...more,
})
const ids = (store: ArchiveStore) => store.list().map(({ id }) => id)

test('B12: a game is kept with its chain and its SGF, over a restart', async () => {
  await (await open()).put(game('a', 3))
  await disk.reopen()
  const store = await open()
  const { archivedAtMs, ...kept } = (await store.get('a')) ?? { archivedAtMs: 0 }
  expect(archivedAtMs).toBeGreaterThan(0)
  expect(kept).toEqual({
    id: 'a',
    app: 'go',
    rules: 'go',
    players: ['Ann', ''],
    result: 'B+R',
    moves: 3,
    startedAtMs: 1,
    endedAtMs: 2,
    records: 3,
    bytes: 300,
    hasSgf: true,
    chain: game('a', 3).records,
    sgf: '(;GM[1])',
  })
  expect(store.stats()).toMatchObject({ games: 1, bytes: 300, damaged: 0 })
})

test('B12: a game that has no SGF says so, over a restart; a header that was written before it was said is of Go', async () => {
  const { sgf: _sgf, ...other } = game('heap', 1)
  await (await open()).put({ ...other, rules: 'heap' })
  const header = decodeCanonical(await disk.datastore.get(new Key('/tsugi/archive/games/heap')), 1_000)
  const { v, hasSgf, ...before } = (header.ok ? header.value : {}) as Record<string, unknown>
  expect([v, hasSgf]).toEqual([1, false])
  await disk.datastore.put(new Key('/tsugi/archive/games/old'), encodeCanonical({ ...before, v, id: 'old' }))
  await disk.reopen()
  const found = (await open()).list().map(({ id, hasSgf: has }) => [id, has])
  expect(Object.fromEntries(found)).toMatchObject({ heap: false, old: true })
})

test('B12: the archive is bounded by count, by bytes and by age; the game published first leaves first', async () => {
  const store = await open({ relayArchivedGames: 3, relayArchiveBytes: 1_000, relayArchivedMs: 1_000 })
  for (const match of ['a', 'b', 'c', 'd']) await store.put(game(match))
  expect(ids(store)).toEqual(['d', 'c', 'b'])
  await store.put(game('e', 7))
  expect(ids(store)).toEqual(['e', 'd'])
  expect(await store.put(game('huge', 11))).toBe('full')
  clock += 500
  await store.put(game('f', 1))
  clock += 600
  await store.sweep()
  expect(ids(store)).toEqual(['f'])
  expect(store.stats()).toMatchObject({ games: 1, bytes: 100 })
  expect(await store.get('a')).toBeUndefined()
  const keys: string[] = []
  for await (const key of disk.datastore.queryKeys({ prefix: '/tsugi/archive' })) keys.push(key.name())
  expect(keys).toEqual(['f', 'f'])
})

test('a game that is published again is one game, and can be removed', async () => {
  const store = await open()
  await store.put(game('a', 2))
  await store.put(game('b', 1))
  await store.put(game('a', 3, { result: 'W+T' }))
  expect(ids(store)).toEqual(['b', 'a'])
  expect(store.stats()).toMatchObject({ games: 2, bytes: 400 })
  expect(await store.get('a')).toMatchObject({ result: 'W+T', records: 3 })
  expect([await store.remove('a'), await store.remove('a')]).toEqual([true, false])
  expect(ids(await open())).toEqual(['b'])
})

test('what is damaged on disk is left out and counted', async () => {
  const store = await open()
  for (const match of ['a', 'b', 'c']) await store.put(game(match))
  await disk.datastore.put(new Key('/tsugi/archive/chains/a'), Uint8Array.of(1))
  await disk.datastore.put(new Key('/tsugi/archive/games/b'), Uint8Array.of(2))
  expect(await store.get('a')).toBeUndefined()
  expect(store.stats().damaged).toBe(1)
  const again = await open()
  expect(ids(again)).toEqual(['c'])
  expect(again.stats()).toMatchObject({ games: 1, bytes: 200, damaged: 1 })
})

test('B12: a ceiling that was lowered between two runs holds from the next sweep on, the oldest first', async () => {
  const before = await open()
  for (const id of ['a', 'b', 'c']) await before.put(game(id))
  const store = await open({ relayArchivedGames: 1 })
  await store.sweep()
  expect(ids(store)).toEqual(['c'])
  const none = await open({ relayArchivedGames: 0 })
  await none.sweep()
  expect(ids(none)).toEqual([])
  expect(await none.put(game('d'))).toBe('full')
})
