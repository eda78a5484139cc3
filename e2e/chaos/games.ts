import { formatVertex } from '@tsugi/go'

import { createNodeGame } from '../harness/node-player.ts'
import type { RemotePlayer } from '../harness/remote-player.ts'
import type { Home, World } from './world.ts'

const app = 'chaos'
const size = 19

/**
 * Moves for a long game: no two stones touch, so each is legal whatever came before, and a move that is lost or doubled shows in the
 * list of moves at the end.
 */
const longGame: readonly string[] = Array.from({ length: 162 }, (_, ply) => {
  const index = Math.floor(ply / 2)
  const [x, y] = [index % 9, Math.floor(index / 9)]
  return formatVertex(ply % 2 === 0 ? 2 * y * size + 2 * x : (2 * y + 1) * size + 2 * x + 1, size)
})

/** One game, with both of its players and perhaps somebody who watches. */
export class RunningGame {
  readonly name: string
  readonly homes: readonly [Home, Home]
  readonly players: readonly [RemotePlayer, RemotePlayer]
  readonly watchers: readonly RemotePlayer[]
  /** When each ply had reached both players, by the driver's monotonic clock. */
  readonly progress: number[] = []
  /** How long its players think about a move. */
  thinkMs = 0

  private constructor(
    name: string,
    homes: readonly [Home, Home],
    players: readonly [RemotePlayer, RemotePlayer],
    watchers: readonly RemotePlayer[],
  ) {
    this.name = name
    this.homes = homes
    this.players = players
    this.watchers = watchers
    for (const player of players) player.onEvent(() => this.#look())
  }

  /** Makes the game and seats both; a watcher comes from the first home. */
  static async start(
    name: string,
    world: World,
    homes: readonly [Home, Home],
    isWatched: boolean,
  ): Promise<RunningGame> {
    const game = createNodeGame(world.relays[0]!.url, app, size)
    const visit = { app, relays: world.relayUrls, link: game.link }
    const black = await homes[0].players.arrive(`${name} Black`, {
      ...visit,
      sits: true,
      seatKey: Buffer.from(game.seatKey).toString('base64url'),
      records: game.records.map(bytes => Buffer.from(bytes).toString('base64url')),
    })
    const white = await homes[1].players.arrive(`${name} White`, { ...visit, sits: true })
    const watchers = isWatched ? [await homes[0].players.arrive(`${name} watcher`, { ...visit, sits: false })] : []
    return new RunningGame(name, homes, [black, white], watchers)
  }

  /** Both play by themselves from now on, thinking so long about each move; again with another pace. */
  async play(thinkMs: number): Promise<void> {
    this.thinkMs = thinkMs
    await Promise.all(this.players.map(player => player.play(longGame, thinkMs)))
  }

  /** How many plies both know. */
  get ply(): number {
    return this.progress.length
  }

  get isOver(): boolean {
    return this.players.every(({ view }) => view?.phase === 'over')
  }

  /** Where its players are, and how they reach each other and their relays. */
  describeWays(): string {
    const [black, white] = this.players
    const line = black.links.get(white.id)?.kind ?? 'none'
    const relays = this.players.map(({ ways }) => [...ways.values()].filter(Boolean).join(' and ') || 'nothing')
    return `${this.homes.map(({ name }) => name).join(' with ')}, ${line}; to their relays by ${relays.join(', and by ')}`
  }

  /** What is wrong with the game once it is over: nothing, or sentences. */
  verify(): string[] {
    const wanted = [...longGame, 'pass', 'pass'].join()
    return [...this.players, ...this.watchers].flatMap(({ name, view }) => {
      if (view?.phase !== 'over') return [`${name}: not over, at ${view?.ply ?? 0}`]
      const wrongs = []
      if (view.moves.join() !== wanted)
        wrongs.push(`${name}: the moves are not those that were played: ${view.moves.join(' ')}`)
      if (view.head !== this.players[0].view?.head) wrongs.push(`${name}: another head than Black’s`)
      if (view.position !== this.players[0].view?.position) wrongs.push(`${name}: another board than Black’s`)
      if (view.proofs > 0) wrongs.push(`${name}: ${view.proofs} records that contradict each other`)
      return wrongs
    })
  }

  #look(): void {
    const ply = Math.min(...this.players.map(({ view }) => view?.ply ?? 0))
    while (this.progress.length < ply) this.progress.push(performance.now())
  }
}
