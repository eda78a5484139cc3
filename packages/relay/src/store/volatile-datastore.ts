import {
  type Batch,
  type Datastore,
  type Key,
  type KeyQuery,
  type Pair,
  type Query,
  Key as DatastoreKey,
} from 'interface-datastore'

/** What {@link createVolatileDatastore} holds in memory, and how much it has been used. */
export interface VolatileStats {
  /** Reads and writes since the start. */
  readonly operations: number
  /** Entries held now, and the bytes of their keys and values. */
  readonly entries: number
  readonly bytes: number
  /** Entries that left because the ceiling was reached. */
  readonly evicted: number
}

/** A datastore of which some prefixes live in memory only. */
export interface VolatileDatastore extends Datastore {
  readonly stats: VolatileStats
  /** Entries in memory whose key starts with a prefix. */
  count(prefix: string): number
}

/** What {@link createVolatileDatastore} wants to know. */
export interface VolatileDatastoreOptions {
  /** Where everything else goes; without it, everything stays in memory. */
  readonly persistent?: Datastore
  /** Key prefixes that stay in memory, such as `/peers`. */
  readonly prefixes: readonly string[]
  /** The most entries in memory; the one written longest ago leaves first. */
  readonly maxEntries: number
  /** The most bytes of keys and values in memory. */
  readonly maxBytes: number
}

/** libp2p tells missing keys by this name. */
class NotFoundError extends Error {
  override readonly name = 'NotFoundError'
}

/**
 * Keeps what libp2p notes about strangers (peer store, DHT records) in bounded memory, and everything else on disk: ten
 * thousand visitors a day must neither wear the disk nor be remembered by it, and none of them can fill it.
 */
export function createVolatileDatastore(options: VolatileDatastoreOptions): VolatileDatastore {
  const memory = new Map<string, Uint8Array>()
  let bytes = 0
  let operations = 0
  let evicted = 0
  /** The store on disk, when a key belongs there. */
  const diskOf = (key: string): Datastore | undefined =>
    options.prefixes.some(prefix => key === prefix || key.startsWith(`${prefix}/`)) ? undefined : options.persistent

  const drop = (key: string): void => {
    const value = memory.get(key)
    if (value === undefined) return
    memory.delete(key)
    bytes -= key.length + value.byteLength
  }
  const put = (key: Key, value: Uint8Array): Key | Promise<Key> => {
    const text = key.toString()
    const disk = diskOf(text)
    if (disk !== undefined) return disk.put(key, value)
    operations += 1
    drop(text)
    // A copy: what is encoded for storing is a piece of a buffer that is shared with much that is gone soon.
    memory.set(text, value.slice())
    bytes += text.length + value.byteLength
    for (const oldest of memory.keys()) {
      if (memory.size <= options.maxEntries && bytes <= options.maxBytes) break
      drop(oldest)
      evicted += 1
    }
    return key
  }
  const get = (key: Key): Uint8Array | Promise<Uint8Array> => {
    const text = key.toString()
    const disk = diskOf(text)
    if (disk !== undefined) return disk.get(key)
    operations += 1
    const value = memory.get(text)
    if (value === undefined) throw new NotFoundError('Not Found')
    return value
  }
  const remove = (key: Key): void | Promise<void> => {
    const text = key.toString()
    const disk = diskOf(text)
    if (disk !== undefined) return disk.delete(key)
    operations += 1
    drop(text)
  }

  async function* query(wanted: Query): AsyncGenerator<Pair> {
    const disk = diskOf(wanted.prefix ?? '')
    if (disk !== undefined) {
      yield* disk.query(wanted)
      return
    }
    operations += 1
    let pairs = [...memory]
      .filter(([key]) => key.startsWith(wanted.prefix ?? ''))
      .map(([key, value]): Pair => ({ key: new DatastoreKey(key), value }))
    for (const filter of wanted.filters ?? []) pairs = pairs.filter(filter)
    for (const order of wanted.orders ?? []) pairs = pairs.toSorted(order)
    yield* pairs.slice(wanted.offset ?? 0, (wanted.offset ?? 0) + (wanted.limit ?? pairs.length))
  }

  return {
    get stats() {
      return { operations, entries: memory.size, bytes, evicted }
    },
    count(prefix) {
      let count = 0
      for (const key of memory.keys()) if (key.startsWith(prefix)) count += 1
      return count
    },
    put,
    get,
    delete: remove,
    has: key => diskOf(key.toString())?.has(key) ?? memory.has(key.toString()),
    async *putMany(source) {
      for await (const { key, value } of source) yield await put(key, value)
    },
    async *getMany(source) {
      for await (const key of source) yield { key, value: await get(key) }
    },
    async *deleteMany(source) {
      for await (const key of source) {
        await remove(key)
        yield key
      }
    },
    query,
    async *queryKeys(wanted: KeyQuery) {
      const { filters = [], orders = [], limit, offset, prefix } = wanted
      let keys: Key[] = []
      for await (const pair of query(prefix === undefined ? {} : { prefix })) keys.push(pair.key)
      for (const filter of filters) keys = keys.filter(filter)
      for (const order of orders) keys = keys.toSorted(order)
      yield* keys.slice(offset ?? 0, (offset ?? 0) + (limit ?? keys.length))
    },
    batch(): Batch {
      const steps: Array<() => unknown> = []
      return {
        put: (key, value) => void steps.push(() => put(key, value)),
        delete: key => void steps.push(() => remove(key)),
        commit: async () => {
          for (const step of steps.splice(0)) await step()
        },
      }
    },
  }
}
