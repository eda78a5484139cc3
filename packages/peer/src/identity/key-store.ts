import { type IDBPDatabase, openDB } from 'idb'

/** Where seeds are kept, by slot. */
export interface KeyStore extends Disposable {
  /** The seed of a slot; `fresh` becomes it when there is none. Two tabs that ask at once get the same. */
  seedOf(slot: number, fresh: Uint8Array): Promise<Uint8Array>
}

const databaseName = 'tsugi-identity'
const storeName = 'seeds'
const openTimeoutMs = 3_000

/**
 * Opens the seeds in IndexedDB.
 *
 * @returns `undefined` where there is no IndexedDB, or none that can be used: private windows, a full disk, another tab in the way
 */
export async function openKeyStore(): Promise<KeyStore | undefined> {
  if (globalThis.indexedDB === undefined) return undefined
  try {
    return fromDatabase(await withTimeout(openDatabase()))
  } catch {
    return undefined
  }
}

function openDatabase(): Promise<IDBPDatabase> {
  return openDB(databaseName, 1, {
    upgrade(database) {
      database.createObjectStore(storeName)
    },
  })
}

function fromDatabase(database: IDBPDatabase): KeyStore {
  return {
    async seedOf(slot, fresh) {
      const transaction = database.transaction(storeName, 'readwrite')
      const known: unknown = await transaction.store.get(slot)
      if (known instanceof Uint8Array && known.length === fresh.length) return known
      await transaction.store.put(fresh, slot)
      await transaction.done
      return fresh
    },
    [Symbol.dispose]: () => database.close(),
  }
}

/** An IndexedDB that another tab blocks may never answer. */
async function withTimeout<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('IndexedDB did not answer.')), openTimeoutMs)
  })
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer))
}
