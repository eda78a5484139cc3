import { createHmac, randomBytes } from 'node:crypto'

import { type Limits, keptIdBytes } from '@tsugi/protocol'
import type { Datastore } from 'interface-datastore'

import { type KeptGame, type Writer, decodeKeptGame, encodeKeptGame } from './kept-game.ts'
import { KeptGames } from './kept-games.ts'
import {
  gameKey,
  gameOf,
  gamesPrefix,
  idKey,
  idsPrefix,
  recordIdOf,
  recordKey,
  recordsPrefix,
  saltKey,
} from './record-keys.ts'

/** Why a record is not kept: its author's share is used up, all shares are taken, nothing can make room, or too much is waiting. */
export type KeepRefusal = 'records/share' | 'records/writers' | 'records/full' | 'records/busy'

/** The limits of {@link RecordStore}. */
type StoreLimits = Pick<
  Limits,
  'gameWriters' | 'gameWriterBytes' | 'gameWriterRecords' | 'gameKeptMs' | 'relayKeptGames' | 'relayKeptBytes'
>

/** What {@link RecordStore.open} needs. */
export interface RecordStoreOptions {
  readonly datastore: Datastore
  readonly limits: StoreLimits
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number
}

/** The store's figures. */
export interface RecordStoreStats {
  readonly games: number
  readonly records: number
  readonly bytes: number
  /** Requests to store and to read since the start. */
  readonly operations: number
  /** Games let go for want of room, and because nobody had touched them for long. */
  readonly evicted: number
  readonly expired: number
  /** Entries on disk that were damaged, and left out. */
  readonly damaged: number
}

/** Who stores: a peer, and the address that its limits count (see `addressKey`). */
export interface Author {
  readonly peer: string
  readonly address: string
}

/** How many of the records are safe, and why the next one is not. */
export interface PutOutcome {
  readonly count: number
  readonly code?: KeepRefusal
}

/** What of a request is new, up to the first record that is refused. */
interface Admitted {
  readonly fresh: readonly { readonly id: Uint8Array; readonly sealed: Uint8Array }[]
  readonly bytes: number
  readonly outcome: PutOutcome
}

/** Requests to store that wait for their turn. */
const maxWaiting = 256
/** Reading keeps a game; that it was read is written down no more often. */
const touchIntervalMs = 3_600_000

/**
 * Keeps the sealed records of games for players who are not there. It cannot read them; it knows them by their hashes. What it answers
 * to have stored is in the database: it survives the end of the process, however that comes.
 *
 * On disk, `games/<game>` holds a header, `records/<game>/<place>` an id and the sealed bytes, `ids/<game>/<id>` marks what is there.
 * Whatever belongs together is written, and deleted, in one batch: all or nothing.
 */
export class RecordStore {
  readonly #datastore: Datastore
  readonly #limits: StoreLimits
  readonly #now: () => number
  readonly #salt: Uint8Array
  readonly #games: KeptGames
  #writing: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #operations = 0
  #evicted = 0
  #expired = 0
  #damaged = 0

  private constructor(options: RecordStoreOptions, salt: Uint8Array) {
    this.#datastore = options.datastore
    this.#limits = options.limits
    this.#now = options.now ?? Date.now
    this.#salt = salt
    this.#games = new KeptGames(options.limits)
  }

  /** Opens the store on what its datastore holds. Headers that are damaged go, with their records. */
  static async open(options: RecordStoreOptions): Promise<RecordStore> {
    const store = new RecordStore(options, await loadSalt(options.datastore))
    const found: KeptGame[] = []
    for await (const { key, value } of options.datastore.query({ prefix: gamesPrefix })) {
      const game = decodeKeptGame(key.name(), value)
      if (game !== undefined) {
        found.push(game)
        continue
      }
      store.#damaged += 1
      await store.#erase(key.name())
    }
    for (const game of found.toSorted((a, b) => a.touchedAtMs - b.touchedAtMs)) store.#games.add(game)
    return store
  }

  stats(): RecordStoreStats {
    return {
      games: this.#games.size,
      records: this.#games.records,
      bytes: this.#games.bytes,
      operations: this.#operations,
      evicted: this.#evicted,
      expired: this.#expired,
      damaged: this.#damaged,
    }
  }

  /** Stores sealed records, in order. What is there already counts as stored and costs nobody anything. */
  async put(topic: string, author: Author, records: readonly Uint8Array[]): Promise<PutOutcome> {
    if (this.#waiting >= maxWaiting) return { count: 0, code: 'records/busy' }
    this.#waiting += 1
    try {
      return await this.#inTurn(() => this.#put(gameOf(topic), author, records))
    } finally {
      this.#waiting -= 1
    }
  }

  /** The sealed records of a game that are not in `have` (ids in hexadecimal), in the order in which they came. */
  async *get(topic: string, have: ReadonlySet<string>): AsyncGenerator<Uint8Array> {
    this.#operations += 1
    const game = this.#games.get(gameOf(topic))
    if (game === undefined) return
    await this.#touch(game)
    for await (const { key, value } of this.#datastore.query({ prefix: recordsPrefix(game.id) })) {
      const sealed = value.subarray(keptIdBytes)
      const id = recordIdOf(sealed)
      if (!id.equals(value.subarray(0, keptIdBytes))) {
        this.#damaged += 1
        await this.#datastore.delete(key)
        await this.#datastore.delete(idKey(game.id, value.subarray(0, keptIdBytes)))
      } else if (!have.has(id.toString('hex'))) yield sealed
    }
  }

  /** Which of these ids are not stored. */
  async lacking(topic: string, ids: readonly Uint8Array[]): Promise<Uint8Array[]> {
    const game = gameOf(topic)
    const isHeld = this.#games.get(game) === undefined ? [] : await this.#areHeld(game, ids)
    return ids.filter((_, index) => isHeld[index] !== true)
  }

  /** Lets go of games that nobody has touched for long, and of what is too much since the ceiling was lowered. */
  async sweep(): Promise<void> {
    const until = this.#now() - this.#limits.gameKeptMs
    for (const game of this.#games.values()) {
      if (game.touchedAtMs > until) break
      await this.#inTurn(async () => {
        // Somebody may have stored to it, or read it, while this waited for its turn.
        if (this.#games.get(game.id) !== game || game.touchedAtMs > until) return
        this.#expired += 1
        await this.#remove(game)
      })
    }
    await this.#inTurn(() => this.#makeRoom('', '', 0, 0))
  }

  /** Resolves when everything that was asked for has been written. */
  async settled(): Promise<void> {
    await this.#writing
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#writing.then(work)
    this.#writing = done.catch(() => undefined)
    return done
  }

  async #put(id: string, author: Author, records: readonly Uint8Array[]): Promise<PutOutcome> {
    this.#operations += 1
    const known = this.#games.get(id)
    const writers = (known?.writers ?? []).map(writer => ({ ...writer }))
    const share = this.#shareOf(writers, author)
    const { fresh, bytes, outcome } = await this.#admit(id, share, records)
    if (share === undefined || fresh.length === 0) return outcome
    const owner = known?.owner ?? this.#hide(author.address)
    if (!(await this.#makeRoom(owner, id, known === undefined ? 1 : 0, bytes)))
      return { count: 0, code: 'records/full' }
    share.bytes += bytes
    share.records += fresh.length
    const now = this.#now()
    const first = known?.next ?? 0
    const game: KeptGame = {
      id,
      owner,
      createdAtMs: known?.createdAtMs ?? now,
      touchedAtMs: now,
      savedAtMs: now,
      next: first + fresh.length,
      writers,
    }
    const batch = this.#datastore.batch()
    for (const [index, each] of fresh.entries()) {
      batch.put(recordKey(id, first + index), Buffer.concat([each.id, each.sealed]))
      batch.put(idKey(id, each.id), new Uint8Array())
    }
    batch.put(gameKey(id), encodeKeptGame(game))
    await batch.commit()
    // Only now: what could not be written is not counted as kept.
    if (known !== undefined) this.#games.remove(known)
    this.#games.add(game)
    return outcome
  }

  /** Sorts out what is there already, and stops where the author's share ends. */
  async #admit(game: string, share: Writer | undefined, records: readonly Uint8Array[]): Promise<Admitted> {
    const { gameWriterBytes, gameWriterRecords } = this.#limits
    const ids = records.map(recordIdOf)
    const isHeld = await this.#areHeld(game, ids)
    const fresh = new Map<string, { id: Uint8Array; sealed: Uint8Array }>()
    let bytes = 0
    for (const [index, sealed] of records.entries()) {
      const id = ids[index]
      if (id === undefined || isHeld[index] === true || fresh.has(id.toString('hex'))) continue
      const isWithin =
        share !== undefined &&
        share.bytes + bytes + sealed.length <= gameWriterBytes &&
        share.records + fresh.size < gameWriterRecords
      if (!isWithin) {
        const code = share === undefined ? 'records/writers' : 'records/share'
        return { fresh: [...fresh.values()], bytes, outcome: { count: index, code } }
      }
      fresh.set(id.toString('hex'), { id, sealed })
      bytes += sealed.length
    }
    return { fresh: [...fresh.values()], bytes, outcome: { count: records.length } }
  }

  #areHeld(game: string, ids: readonly Uint8Array[]): Promise<boolean[]> {
    return Promise.all(ids.map(async id => this.#datastore.has(idKey(game, id))))
  }

  /** A peer's share of a game; `undefined` when none is left. Half of the shares at most belong to one address. */
  #shareOf(writers: Writer[], author: Author): Writer | undefined {
    const [peer, address] = [this.#hide(author.peer), this.#hide(author.address)]
    const known = writers.find(writer => writer.peer === peer)
    if (known !== undefined) return known
    const { gameWriters } = this.#limits
    const neighbours = writers.filter(writer => writer.address === address).length
    if (writers.length >= gameWriters || neighbours >= Math.max(1, gameWriters / 2)) return undefined
    const share = { peer, address, bytes: 0, records: 0 }
    writers.push(share)
    return share
  }

  async #makeRoom(owner: string, spared: string, games: number, bytes: number): Promise<boolean> {
    while (!this.#games.hasRoom(games, bytes)) {
      const leaving = this.#games.nextToLeave(owner, spared, bytes)
      if (leaving === undefined) return false
      this.#evicted += 1
      await this.#remove(leaving)
    }
    return true
  }

  async #touch(game: KeptGame): Promise<void> {
    this.#games.touch(game, this.#now())
    if (game.touchedAtMs - game.savedAtMs < touchIntervalMs) return
    await this.#inTurn(async () => {
      // Another request may have replaced or removed it meanwhile.
      if (this.#games.get(game.id) !== game) return
      game.savedAtMs = game.touchedAtMs
      await this.#datastore.put(gameKey(game.id), encodeKeptGame(game))
    })
  }

  async #remove(game: KeptGame): Promise<void> {
    this.#games.remove(game)
    await this.#erase(game.id)
  }

  async #erase(id: string): Promise<void> {
    const batch = this.#datastore.batch()
    for (const prefix of [recordsPrefix(id), idsPrefix(id)]) {
      for await (const key of this.#datastore.queryKeys({ prefix })) batch.delete(key)
    }
    batch.delete(gameKey(id))
    await batch.commit()
  }

  /** What stands on disk for a peer or an address. */
  #hide(text: string): string {
    return createHmac('sha256', this.#salt).update(text).digest('hex').slice(0, 16)
  }
}

async function loadSalt(datastore: Datastore): Promise<Uint8Array> {
  if (await datastore.has(saltKey)) return datastore.get(saltKey)
  const salt = randomBytes(32)
  await datastore.put(saltKey, salt)
  return salt
}
