import type { Datastore } from 'interface-datastore'

import type { Closers } from '../closers.ts'
import { openDataDir } from './open-data-dir.ts'
import { type VolatileDatastore, createVolatileDatastore } from './volatile-datastore.ts'

/** What libp2p keeps about strangers; it stays in memory. */
const volatilePrefixes = ['/peers', '/dht', '/tsugi/kad']
/** DHT records and a peer store entry of each peer that may be connected, and some that were. */
const volatileCeiling = { maxEntries: 25_000, maxBytes: 64 * 1_024 * 1_024 }
/** Where nothing is kept on disk, games are kept in so much memory. */
const volatileGames = { maxEntries: 200_000, maxBytes: 64 * 1_024 * 1_024 }

/** Where a relay keeps what. */
export interface Stores {
  /** Identity, certificates, bans: on disk where there is one. */
  readonly persistent: Datastore
  /** The same for libp2p, with what it keeps about strangers in memory only. */
  readonly node: VolatileDatastore
  /** Records and archived games. */
  readonly games: Datastore
}

/** Opens them; what is opened here is closed by `closers`. */
export async function openStores(
  { datastore, dataDir }: { readonly datastore?: Datastore | undefined; readonly dataDir?: string | undefined },
  closers: Closers,
): Promise<Stores> {
  const kept = datastore ?? (dataDir === undefined ? undefined : await open(dataDir, closers))
  const persistent = kept ?? createVolatileDatastore({ prefixes: [], ...volatileCeiling })
  return {
    persistent,
    node: createVolatileDatastore({ persistent, prefixes: volatilePrefixes, ...volatileCeiling }),
    games: kept ?? createVolatileDatastore({ prefixes: [], ...volatileGames }),
  }
}

async function open(dataDir: string, closers: Closers): Promise<Datastore> {
  const store = await openDataDir(dataDir)
  closers.add(() => store.close())
  return store.datastore
}
