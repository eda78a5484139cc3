import { type IDBPDatabase, openDB } from 'idb'

import type { KeptWay } from '../node/transport-race.ts'

/** One peer of an address book, as it is kept. */
export interface KeptPeer {
  readonly peer: string
  /** Multiaddrs in text form, each with when it was last seen, in milliseconds since 1970. */
  readonly addresses: readonly (readonly [address: string, seenAt: number])[]
  readonly seenAt: number
}

/** What a peer remembers of others while its page is closed. */
export interface KeptBook {
  readonly peers: readonly KeptPeer[]
  /** By which transport each relay was reached. */
  readonly ways: readonly KeptWay[]
}

/** Where an address book is kept while its page is closed. */
export interface BookStore {
  /** What was kept; anything at all may come back, and is checked. */
  load(): Promise<unknown>
  /** Replaces what was kept. */
  save(book: KeptBook): Promise<void>
  /** Safe to repeat. */
  close(): void
}

const databaseName = 'tsugi-book'
const storeName = 'books'
const openTimeoutMs = 3_000

/**
 * Opens the book of an application in IndexedDB. The tabs of one origin share it; the last one to write is right.
 *
 * @returns `undefined` where there is no IndexedDB, or none that can be used
 */
export async function openBookStore(app: string): Promise<BookStore | undefined> {
  if (globalThis.indexedDB === undefined) return undefined
  try {
    const database = await openInTime()
    return {
      load: () => database.get(storeName, app),
      save: async book => void (await database.put(storeName, book, app)),
      close: () => database.close(),
    }
  } catch {
    return undefined
  }
}

/** An IndexedDB that another tab blocks may never answer. */
async function openInTime(): Promise<IDBPDatabase> {
  const opening = openDB(databaseName, 1, { upgrade: database => void database.createObjectStore(storeName) })
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('IndexedDB did not answer.')), openTimeoutMs)
  })
  try {
    return await Promise.race([opening, timeout])
  } catch (error) {
    opening.then(database => database.close()).catch(() => {})
    throw error
  } finally {
    clearTimeout(timer)
  }
}
