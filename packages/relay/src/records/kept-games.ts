import type { Limits } from '@tsugi/protocol'

import { type KeptGame, sizeOf } from './kept-game.ts'

/** What one address keeps here. */
interface Holding {
  games: number
  bytes: number
}

/** Which part of the store one address may hold before it is the first that makes room. */
const fairShare = 1 / 20

/** The games that are kept, the one untouched longest first, and who holds how much of the store: who fills it makes room. */
export class KeptGames {
  readonly #limits: Pick<Limits, 'relayKeptGames' | 'relayKeptBytes'>
  readonly #games = new Map<string, KeptGame>()
  readonly #holdings = new Map<string, Holding>()
  #bytes = 0
  #records = 0

  constructor(limits: Pick<Limits, 'relayKeptGames' | 'relayKeptBytes'>) {
    this.#limits = limits
  }

  get size(): number {
    return this.#games.size
  }

  get bytes(): number {
    return this.#bytes
  }

  get records(): number {
    return this.#records
  }

  get(id: string): KeptGame | undefined {
    return this.#games.get(id)
  }

  /** The games, the one untouched longest first. */
  values(): IterableIterator<KeptGame> {
    return this.#games.values()
  }

  /** Puts a game in place as the one touched last. */
  add(game: KeptGame): void {
    const { bytes, records } = sizeOf(game)
    this.#games.set(game.id, game)
    this.#holding(game.owner).games += 1
    this.grow(game, bytes, records)
  }

  /** A game's records have become more. */
  grow(game: KeptGame, bytes: number, records: number): void {
    this.#bytes += bytes
    this.#records += records
    this.#holding(game.owner).bytes += bytes
  }

  touch(game: KeptGame, now: number): void {
    game.touchedAtMs = now
    if (this.#games.delete(game.id)) this.#games.set(game.id, game)
  }

  remove(game: KeptGame): void {
    if (!this.#games.delete(game.id)) return
    const { bytes, records } = sizeOf(game)
    this.grow(game, -bytes, -records)
    const holding = this.#holding(game.owner)
    holding.games -= 1
    if (holding.games <= 0) this.#holdings.delete(game.owner)
  }

  /** Whether so much more fits. */
  hasRoom(games: number, bytes: number): boolean {
    return this.size + games <= this.#limits.relayKeptGames && this.#bytes + bytes <= this.#limits.relayKeptBytes
  }

  /**
   * Which game leaves so that `owner` can add to `spared`: of the address that holds more than its share, as it would then stand, the one
   * untouched longest; without such an address, the one untouched longest of all. `undefined` when the owner itself holds too much.
   */
  nextToLeave(owner: string, spared: string, bytes: number): KeptGame | undefined {
    const heavy = [...this.#holdings]
      .map(([name, held]) => ({ name, weight: this.#weight(held, name === owner ? bytes : 0) }))
      .filter(({ weight }) => weight > fairShare)
      .toSorted((a, b) => b.weight - a.weight)
    for (const { name } of heavy) {
      const game = this.#oldest(spared, name)
      if (game !== undefined || name === owner) return game
    }
    return this.#oldest(spared)
  }

  #oldest(spared: string, owner?: string): KeptGame | undefined {
    for (const game of this.#games.values()) {
      if (game.id !== spared && (owner === undefined || game.owner === owner)) return game
    }
    return undefined
  }

  /** How much of the store an address holds: of its places or of its bytes, whichever part is greater. */
  #weight({ games, bytes }: Holding, more: number): number {
    return Math.max(games / this.#limits.relayKeptGames, (bytes + more) / this.#limits.relayKeptBytes)
  }

  #holding(owner: string): Holding {
    let holding = this.#holdings.get(owner)
    if (holding === undefined) {
      holding = { games: 0, bytes: 0 }
      this.#holdings.set(owner, holding)
    }
    return holding
  }
}
