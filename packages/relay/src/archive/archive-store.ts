import { type Limits, decodeCanonical, encodeCanonical } from '@tsugi/protocol'
import { type Datastore, Key } from 'interface-datastore'

import {
  type ArchivedChain,
  type ArchivedGame,
  archivedGameOf,
  decodeArchivedGame,
  encodeArchivedGame,
} from './archived-game.ts'
import type { VerifiedGame } from './verified-game.ts'

/** The limits of {@link ArchiveStore}. */
type ArchiveLimits = Pick<Limits, 'relayArchivedGames' | 'relayArchiveBytes' | 'relayArchivedMs'>

/** What {@link ArchiveStore.open} needs. */
export interface ArchiveStoreOptions {
  readonly datastore: Datastore
  readonly limits: ArchiveLimits
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number
}

/** The archive's figures. */
export interface ArchiveStats {
  readonly games: number
  /** Bytes of their records. */
  readonly bytes: number
  /** Games taken in, read and removed since the start. */
  readonly operations: number
  /** Games let go for want of room, or because they were too old. */
  readonly evicted: number
  /** Entries on disk that were damaged, and left out. */
  readonly damaged: number
}

const prefix = '/tsugi/archive'
const gamesPrefix = `${prefix}/games/`
const gameKey = (id: string): Key => new Key(gamesPrefix + id)
const chainKey = (id: string): Key => new Key(`${prefix}/chains/${id}`)
/** A chain on disk: the records' own limit is `gameArchiveBytes`, and its SGF is shorter than that. */
const maxChainBytes = 64 * 1_024 * 1_024

/** Published games on disk: at most so many, so many bytes, so old. The one that was published first leaves first. [B12] */
export class ArchiveStore {
  readonly #datastore: Datastore
  readonly #limits: ArchiveLimits
  readonly #now: () => number
  /** In the order in which they were published. */
  readonly #games = new Map<string, ArchivedGame>()
  #bytes = 0
  #operations = 0
  #evicted = 0
  #damaged = 0

  private constructor({ datastore, limits, now }: ArchiveStoreOptions) {
    this.#datastore = datastore
    this.#limits = limits
    this.#now = now ?? Date.now
  }

  /** Opens the archive on what its datastore holds. Headers that are damaged go, with their games. */
  static async open(options: ArchiveStoreOptions): Promise<ArchiveStore> {
    const store = new ArchiveStore(options)
    const found: ArchivedGame[] = []
    for await (const { key, value } of options.datastore.query({ prefix: gamesPrefix })) {
      const game = decodeArchivedGame(key.name(), value)
      if (game === undefined) await store.#drop(key.name())
      else found.push(game)
    }
    for (const game of found.toSorted((a, b) => a.archivedAtMs - b.archivedAtMs)) store.#hold(game)
    return store
  }

  stats(): ArchiveStats {
    const { size } = this.#games
    return {
      games: size,
      bytes: this.#bytes,
      operations: this.#operations,
      evicted: this.#evicted,
      damaged: this.#damaged,
    }
  }

  /** The games, the latest first. */
  list(): ArchivedGame[] {
    return [...this.#games.values()].toReversed()
  }

  has(id: string): boolean {
    return this.#games.has(id)
  }

  /** A game with its records; `undefined` when there is none, or it is damaged. */
  async get(id: string): Promise<ArchivedChain | undefined> {
    this.#operations += 1
    const game = this.#games.get(id)
    if (game === undefined) return undefined
    const bytes = (await this.#datastore.has(chainKey(id))) ? await this.#datastore.get(chainKey(id)) : new Uint8Array()
    const decoded = decodeCanonical(bytes, maxChainBytes)
    const { records, sgf } = (decoded.ok ? decoded.value : {}) as { records?: Uint8Array[]; sgf?: string }
    if (Array.isArray(records) && records.length === game.records) return { ...game, chain: records, sgf: sgf ?? null }
    await this.#drop(id)
    return undefined
  }

  /** Keeps a game that has been checked; one that is here already is replaced, and keeps its place. */
  async put(game: VerifiedGame): Promise<'archived' | 'full'> {
    this.#operations += 1
    const known = this.#games.get(game.match)
    const archived = archivedGameOf(game, known?.archivedAtMs ?? this.#now())
    const { relayArchivedGames, relayArchiveBytes } = this.#limits
    if (archived.bytes > relayArchiveBytes || relayArchivedGames === 0) return 'full'
    const batch = this.#datastore.batch()
    const chain = { records: [...game.records], ...(game.sgf === undefined ? {} : { sgf: game.sgf }) }
    batch.put(chainKey(game.match), encodeCanonical(chain))
    batch.put(gameKey(game.match), encodeArchivedGame(archived))
    await batch.commit()
    this.#hold(archived)
    await this.#trim(archived.id)
    return 'archived'
  }

  /** Removes a game; answers whether there was one. */
  async remove(id: string): Promise<boolean> {
    this.#operations += 1
    if (!this.#games.has(id)) return false
    await this.#erase(id)
    return true
  }

  /** Lets go of what is too old, and of what is too much since the ceiling was lowered. */
  async sweep(): Promise<void> {
    const until = this.#now() - this.#limits.relayArchivedMs
    for (const oldest of this.#games.values()) {
      if (oldest.archivedAtMs > until) break
      await this.#evict(oldest)
    }
    await this.#trim()
  }

  /** Lets the oldest go until the rest has room. */
  async #trim(spared?: string): Promise<void> {
    const { relayArchivedGames, relayArchiveBytes } = this.#limits
    for (const oldest of this.#games.values()) {
      if (this.#games.size <= relayArchivedGames && this.#bytes <= relayArchiveBytes) return
      if (oldest.id !== spared) await this.#evict(oldest)
    }
  }

  #hold(game: ArchivedGame): void {
    this.#bytes += game.bytes - (this.#games.get(game.id)?.bytes ?? 0)
    this.#games.set(game.id, game)
  }

  async #evict(game: ArchivedGame): Promise<void> {
    this.#evicted += 1
    await this.#erase(game.id)
  }

  async #drop(id: string): Promise<void> {
    this.#damaged += 1
    await this.#erase(id)
  }

  async #erase(id: string): Promise<void> {
    this.#bytes -= this.#games.get(id)?.bytes ?? 0
    this.#games.delete(id)
    const batch = this.#datastore.batch()
    batch.delete(gameKey(id))
    batch.delete(chainKey(id))
    await batch.commit()
  }
}
