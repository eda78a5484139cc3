import { Key } from 'interface-datastore'
import { describe, expect, test } from 'vitest'

import { createVolatileDatastore } from './volatile-datastore.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
/** A store that keeps everything in memory can stand for the one on disk. */
const disk = () => createVolatileDatastore({ prefixes: [], maxEntries: 1_000, maxBytes: 1_000 })

async function keysOf(source: AsyncIterable<Key> | Iterable<Key>): Promise<string[]> {
  const keys: string[] = []
  for await (const key of source) keys.push(key.toString())
  return keys
}

describe('createVolatileDatastore', () => {
  test('what is noted about strangers never reaches the disk', async () => {
    const persistent = disk()
    const store = createVolatileDatastore({ persistent, prefixes: ['/peers'], maxEntries: 10, maxBytes: 1_000 })
    await store.put(new Key('/peers/a'), bytes('a'))
    await store.put(new Key('/identity'), bytes('me'))
    expect(await keysOf(persistent.queryKeys({}))).toEqual(['/identity'])
    expect(await store.get(new Key('/peers/a'))).toEqual(bytes('a'))
    expect(await store.get(new Key('/identity'))).toEqual(bytes('me'))
    expect(store.count('/peers')).toBe(1)
  })

  test('a prefix ends at a slash', async () => {
    const persistent = disk()
    const store = createVolatileDatastore({ persistent, prefixes: ['/peers'], maxEntries: 10, maxBytes: 1_000 })
    await store.put(new Key('/peers-of-mine'), bytes('x'))
    expect(await persistent.has(new Key('/peers-of-mine'))).toBe(true)
  })

  test('the ceiling holds: the entry written longest ago leaves first', async () => {
    const store = createVolatileDatastore({ persistent: disk(), prefixes: ['/peers'], maxEntries: 2, maxBytes: 1_000 })
    for (const name of ['a', 'b', 'a', 'c']) await store.put(new Key(`/peers/${name}`), bytes(name))
    expect((await keysOf(store.queryKeys({ prefix: '/peers' }))).toSorted()).toEqual(['/peers/a', '/peers/c'])
    expect(store.stats).toMatchObject({ entries: 2, evicted: 1 })
  })

  test('bytes have a ceiling too: few large entries leave as many small ones would', async () => {
    const store = createVolatileDatastore({ prefixes: [], maxEntries: 100, maxBytes: 250 })
    for (const name of ['a', 'b', 'c', 'c']) await store.put(new Key(`/${name}`), new Uint8Array(100))
    expect(store.stats).toMatchObject({ entries: 2, bytes: 204, evicted: 1 })
    await store.delete(new Key('/b'))
    expect(store.stats).toMatchObject({ entries: 1, bytes: 102 })
    await store.put(new Key('/huge'), new Uint8Array(300))
    expect(store.stats).toMatchObject({ entries: 0, bytes: 0 })
  })

  test('a missing key is told by the name that libp2p knows', async () => {
    const store = createVolatileDatastore({ persistent: disk(), prefixes: ['/peers'], maxEntries: 2, maxBytes: 1_000 })
    await expect(async () => store.get(new Key('/peers/nobody'))).rejects.toMatchObject({ name: 'NotFoundError' })
  })

  test('queries, batches and many at once behave as on disk', async () => {
    const store = createVolatileDatastore({ persistent: disk(), prefixes: ['/peers'], maxEntries: 10, maxBytes: 1_000 })
    const batch = store.batch()
    for (const name of ['a', 'b', 'c']) batch.put(new Key(`/peers/${name}`), bytes(name))
    batch.delete(new Key('/peers/b'))
    expect(store.count('/peers')).toBe(0)
    await batch.commit()
    expect(await keysOf(store.queryKeys({ prefix: '/peers', limit: 1, offset: 1 }))).toEqual(['/peers/c'])
    const filtered: string[] = []
    for await (const { key } of store.query({ prefix: '/peers', filters: [({ value }) => value[0] === 99] }))
      filtered.push(key.toString())
    expect(filtered).toEqual(['/peers/c'])
    for await (const _ of store.deleteMany([new Key('/peers/a'), new Key('/peers/c')])) void _
    expect(await store.has(new Key('/peers/a'))).toBe(false)
    for await (const _ of store.putMany([{ key: new Key('/peers/z'), value: bytes('z') }])) void _
    for await (const { value } of store.getMany([new Key('/peers/z')])) expect(value).toEqual(bytes('z'))
  })
})
