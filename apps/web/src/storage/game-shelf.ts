import { type DBSchema, type IDBPDatabase, openDB } from 'idb'

import { type GameEntry, gamesToEvict, shelfCeiling } from './game-entry.ts'
import { asStorageError } from './storage-error.ts'

/** The games that this device keeps: an entry and an append-only list of records for each. */
export interface GameShelf {
  /** `memory` where the browser gives no database (private windows): games then end with the tab. */
  readonly kind: 'indexeddb' | 'memory'
  /** All entries, the latest first. */
  list(): Promise<GameEntry[]>
  get(key: string): Promise<GameEntry | undefined>
  /**
   * Keeps an entry; the oldest finished games leave when there are too many.
   *
   * @throws StorageError when the device refuses
   */
  put(entry: GameEntry): Promise<void>
  remove(key: string): Promise<void>
  /** The records of a game, in the order in which they were appended. */
  records(key: string): Promise<Uint8Array[]>
  /**
   * Appends records. Resolves when they are on disk, so that what was published is never forgotten.
   *
   * @throws StorageError when the device refuses
   */
  append(key: string, records: readonly Uint8Array[]): Promise<void>
}

interface Schema extends DBSchema {
  games: { key: string; value: GameEntry; indexes: { matchId: string } }
  records: { key: number; value: { readonly game: string; readonly bytes: Uint8Array }; indexes: { game: string } }
}

/** Opens the shelf in IndexedDB, or in memory where there is none. */
export async function openGameShelf(factory: IDBFactory | undefined = globalThis.indexedDB): Promise<GameShelf> {
  if (!factory) return createMemoryShelf()
  try {
    const database = await openDB<Schema>('tsugi', 1, {
      upgrade(db) {
        db.createObjectStore('games', { keyPath: 'key' }).createIndex('matchId', 'matchId')
        db.createObjectStore('records', { autoIncrement: true }).createIndex('game', 'game')
      },
    })
    return createDatabaseShelf(database)
  } catch {
    return createMemoryShelf()
  }
}

function latestFirst(entries: GameEntry[]): GameEntry[] {
  return entries.sort((a, b) => b.updatedAt - a.updatedAt)
}

function createDatabaseShelf(database: IDBPDatabase<Schema>): GameShelf {
  async function remove(key: string): Promise<void> {
    const transaction = database.transaction(['games', 'records'], 'readwrite')
    await transaction.objectStore('games').delete(key)
    let cursor = await transaction.objectStore('records').index('game').openKeyCursor(key)
    while (cursor) {
      await transaction.objectStore('records').delete(cursor.primaryKey)
      cursor = await cursor.continue()
    }
    await transaction.done
  }
  return {
    kind: 'indexeddb',
    list: async () => latestFirst(await database.getAll('games')),
    get: key => database.get('games', key),
    async put(entry) {
      try {
        await database.put('games', entry)
        const count = await database.count('games')
        if (count <= shelfCeiling.finished) return
        for (const key of gamesToEvict(await database.getAll('games'), shelfCeiling, entry.key)) await remove(key)
      } catch (cause) {
        throw asStorageError(cause)
      }
    },
    remove,
    records: async key => (await database.getAllFromIndex('records', 'game', key)).map(record => record.bytes),
    async append(key, records) {
      try {
        const transaction = database.transaction('records', 'readwrite', { durability: 'strict' })
        await Promise.all([...records.map(bytes => transaction.store.add({ game: key, bytes })), transaction.done])
      } catch (cause) {
        throw asStorageError(cause)
      }
    },
  }
}

/** A shelf that ends with the tab. */
export function createMemoryShelf(): GameShelf {
  const entries = new Map<string, GameEntry>()
  const chains = new Map<string, Uint8Array[]>()
  const remove = (key: string): void => {
    entries.delete(key)
    chains.delete(key)
  }
  return {
    kind: 'memory',
    list: () => Promise.resolve(latestFirst([...entries.values()])),
    get: key => Promise.resolve(entries.get(key)),
    put(entry) {
      entries.set(entry.key, entry)
      for (const key of gamesToEvict([...entries.values()], shelfCeiling, entry.key)) remove(key)
      return Promise.resolve()
    },
    remove(key) {
      remove(key)
      return Promise.resolve()
    },
    records: key => Promise.resolve([...(chains.get(key) ?? [])]),
    append(key, records) {
      const chain = chains.get(key) ?? []
      chain.push(...records)
      chains.set(key, chain)
      return Promise.resolve()
    },
  }
}
