import { defaultLimits, keptRecordId } from '@tsugi/protocol'
import { describe, expect, test } from 'vitest'

import { createTestDisk } from '../../test-support/test-disk.ts'
import { gameKey, gameOf, recordKey } from './record-keys.ts'
import { type RecordStoreOptions, RecordStore } from './record-store.ts'

const disk = createTestDisk()
let clock = 1_000_000
const open = (limits: Partial<RecordStoreOptions['limits']> = {}) =>
  RecordStore.open({ datastore: disk.datastore, limits: { ...defaultLimits, ...limits }, now: () => clock })
/** So many records that differ, each of a size. */
const records = (name: string, count: number, size = 100) =>
  Array.from({ length: count }, (_, index) => Buffer.from(`${name} ${index}`.padEnd(size, '.')))
const ann = { peer: 'ann', address: '192.0.2.1' }
const ben = { peer: 'ben', address: '192.0.2.2' }
const eve = (index: number) => ({ peer: `eve ${index}`, address: '203.0.113.9' })
const idsOf = (list: readonly Uint8Array[]) => list.map(each => Buffer.from(keptRecordId(each)).toString('hex'))

async function all(store: RecordStore, topic: string, have: readonly string[] = []): Promise<string[]> {
  const found: string[] = []
  for await (const sealed of store.get(topic, new Set(have)))
    found.push(Buffer.from(sealed).toString().replaceAll('.', ''))
  return found
}

describe('D3: what is stored', () => {
  test('comes back in the order in which it came, without what the reader has', async () => {
    const store = await open()
    expect(await store.put('game', ann, records('a', 3))).toEqual({ count: 3 })
    expect(await store.put('game', ben, records('b', 2))).toEqual({ count: 2 })
    expect(await all(store, 'game')).toEqual(['a 0', 'a 1', 'a 2', 'b 0', 'b 1'])
    expect(await all(store, 'game', idsOf(records('a', 2)))).toEqual(['a 2', 'b 0', 'b 1'])
    expect(await all(store, 'another game')).toEqual([])
    expect(await store.lacking('game', records('b', 3).map(keptRecordId))).toEqual(
      records('b', 3).slice(2).map(keptRecordId),
    )
    expect(store.stats()).toMatchObject({ games: 1, records: 5, bytes: 500 })
  })

  test('[Q2] twice is stored once, whoever brings it, and costs no share', async () => {
    const store = await open({ gameWriterRecords: 3 })
    const list = records('a', 3)
    await store.put('game', ann, [...list.slice(0, 1), ...list.slice(0, 2)])
    expect(await store.put('game', ann, list)).toEqual({ count: 3 })
    expect(await store.put('game', ben, list)).toEqual({ count: 3 })
    expect(store.stats()).toMatchObject({ records: 3, bytes: 300 })
  })

  test('survives the end of the process, and goes on from there', async () => {
    await (await open()).put('game', ann, records('a', 300))
    await disk.reopen()
    const store = await open({ gameWriterRecords: 301 })
    expect(store.stats()).toMatchObject({ games: 1, records: 300, bytes: 30_000, damaged: 0 })
    expect(await store.put('game', ann, records('b', 2))).toEqual({ count: 1, code: 'records/share' })
    expect((await all(store, 'game')).slice(-2)).toEqual(['a 299', 'b 0'])
  })

  test('names neither peers nor addresses nor topics on disk', async () => {
    await (await open()).put('a very long topic', ann, records('a', 1))
    for await (const { key, value } of disk.datastore.query({})) {
      const text = key.toString() + Buffer.from(value).toString('latin1')
      for (const word of ['ann', '192.0.2', 'very long']) expect(text).not.toContain(word)
    }
  })
})

describe('a hostile writer', () => {
  test('fills its own share only: the others’ records stay, and there is room for theirs', async () => {
    const store = await open({ gameWriterRecords: 5, gameWriterBytes: 10_000 })
    await store.put('game', ann, records('a', 2))
    expect(await store.put('game', eve(0), records('e', 50))).toEqual({ count: 5, code: 'records/share' })
    expect(await store.put('game', ben, records('b', 4))).toEqual({ count: 4 })
    expect(await all(store, 'game')).toHaveLength(11)
  })

  test('is held by bytes as well', async () => {
    const store = await open({ gameWriterBytes: 250 })
    expect(await store.put('game', eve(0), records('e', 3))).toEqual({ count: 2, code: 'records/share' })
  })

  test('with many names at one address takes half of the shares at most', async () => {
    const store = await open({ gameWriters: 6 })
    const outcomes = []
    for (let index = 0; index < 5; index++) outcomes.push(await store.put('game', eve(index), records(`e${index}`, 1)))
    expect(outcomes.map(({ code }) => code)).toEqual([
      undefined,
      undefined,
      undefined,
      'records/writers',
      'records/writers',
    ])
    expect(await store.put('game', ann, records('a', 1))).toEqual({ count: 1 })
    expect(await store.put('game', ben, records('b', 1))).toEqual({ count: 1 })
  })

  test('who fills the store with games makes room with its own, the one untouched longest first', async () => {
    const store = await open({ relayKeptGames: 4 })
    await store.put('honest', ann, records('a', 1))
    for (let index = 0; index < 10; index++) await store.put(`spam ${index}`, eve(index), records(`e${index}`, 1))
    expect(await all(store, 'honest')).toEqual(['a 0'])
    expect(await all(store, 'spam 6')).toEqual([])
    expect(await all(store, 'spam 7')).toEqual(['e7 0'])
    expect(store.stats()).toMatchObject({ games: 4, records: 4, evicted: 7 })
  })

  test('nor does it push others out with bytes', async () => {
    const store = await open({ relayKeptBytes: 1_000 })
    await store.put('honest', ann, records('a', 3))
    for (let index = 0; index < 10; index++) await store.put(`spam ${index}`, eve(index), records(`e${index}`, 2))
    expect(await all(store, 'honest')).toHaveLength(3)
    expect(store.stats().bytes).toBeLessThanOrEqual(1_000)
    expect(await store.put('spam 9', eve(9), records('more', 9))).toEqual({ count: 0, code: 'records/full' })
    expect(await all(store, 'honest')).toHaveLength(3)
  })
})

test('among addresses that hold little, the game untouched longest leaves, however small it is', async () => {
  const store = await open({ relayKeptGames: 40 })
  for (let index = 0; index < 40; index++) {
    const author = { peer: `p${index}`, address: `198.51.100.${index}` }
    await store.put(`game ${index}`, author, records(`r${index}`, index === 20 ? 20 : 1))
  }
  await all(store, 'game 0')
  await store.put('game 40', ann, records('a', 1))
  expect(await all(store, 'game 0')).toHaveLength(1)
  expect(await all(store, 'game 1')).toHaveLength(0)
  expect(await all(store, 'game 20')).toHaveLength(20)
})

test('a game that nobody touches for long leaves; reading keeps it', async () => {
  const store = await open({ gameKeptMs: 10_000_000 })
  await store.put('left', ann, records('a', 2))
  await store.put('read', ben, records('b', 2))
  clock += 6_000_000
  await all(store, 'read')
  clock += 6_000_000
  await store.sweep()
  expect(store.stats()).toMatchObject({ games: 1, records: 2, bytes: 200, expired: 1 })
  expect(await all(store, 'left')).toEqual([])
  expect(await all(await open({ gameKeptMs: 10_000_000 }), 'read')).toEqual(['b 0', 'b 1'])
  const keys: string[] = []
  for await (const key of disk.datastore.queryKeys({ prefix: '/tsugi/records' })) keys.push(key.toString())
  expect(keys.filter(key => key.includes(gameOf('left')))).toEqual([])
})

test('a damaged entry is left out and counted; its writer may bring it again', async () => {
  const store = await open()
  await store.put('game', ann, records('a', 3))
  await disk.datastore.put(
    recordKey(gameOf('game'), 1),
    Buffer.concat([...records('a', 2).slice(1).map(keptRecordId), Buffer.from('x')]),
  )
  expect(await all(store, 'game')).toEqual(['a 0', 'a 2'])
  expect(store.stats().damaged).toBe(1)
  await store.put('game', ann, records('a', 3))
  expect(await all(store, 'game')).toEqual(['a 0', 'a 2', 'a 1'])
})

test('a game whose header is damaged goes as a whole, and the others stay', async () => {
  const store = await open()
  await store.put('game', ann, records('a', 3))
  await store.put('other', ann, records('b', 1))
  await disk.datastore.put(gameKey(gameOf('game')), Buffer.from('nonsense'))
  const again = await open()
  expect(again.stats()).toMatchObject({ games: 1, records: 1, damaged: 1 })
  expect(await all(again, 'game')).toEqual([])
  expect(await again.put('game', ann, records('a', 3))).toEqual({ count: 3 })
})

test('a game that somebody stores to just as its time is over is kept, with what was there', async () => {
  const store = await open({ gameKeptMs: 1_000 })
  await store.put('game', ann, records('a', 1))
  clock += 2_000
  const stored = store.put('game', ben, records('b', 1))
  await store.sweep()
  expect(await stored).toEqual({ count: 1 })
  expect(await all(store, 'game')).toEqual(['a 0', 'b 0'])
  expect(store.stats()).toMatchObject({ games: 1, records: 2, bytes: 200, expired: 0 })
})

test('what cannot be written is not counted as kept', async () => {
  const store = await open()
  await store.put('game', ann, records('a', 1))
  const batch = disk.datastore.batch.bind(disk.datastore)
  disk.datastore.batch = () => ({ ...batch(), commit: () => Promise.reject(new Error('the disk is full')) })
  await expect(store.put('game', ann, records('b', 1))).rejects.toThrow('the disk is full')
  disk.datastore.batch = batch
  expect(store.stats()).toMatchObject({ records: 1, bytes: 100 })
  expect(await store.put('game', ann, records('b', 1))).toEqual({ count: 1 })
})

test('C4: a ceiling that was lowered between two runs holds from the next sweep on; one of 0 keeps nothing', async () => {
  const before = await open()
  for (const topic of ['a', 'b', 'c']) await before.put(topic, ann, records(topic, 2))
  const store = await open({ relayKeptGames: 1 })
  await store.sweep()
  expect(store.stats()).toMatchObject({ games: 1, evicted: 2 })
  const none = await open({ relayKeptGames: 0 })
  await none.sweep()
  expect(none.stats()).toMatchObject({ games: 0, records: 0 })
  expect(await none.put('d', ann, records('d', 1))).toEqual({ count: 0, code: 'records/full' })
})
