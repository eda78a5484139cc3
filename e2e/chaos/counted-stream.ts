import type { CountResult } from '../harness/stream-counter.ts'
import type { RunningGame } from './games.ts'

/** A stream between the players of a game, over which both send running numbers as long as the game lasts. */
export class CountedStream {
  readonly #game: RunningGame
  #results: CountResult[] = []

  private constructor(game: RunningGame) {
    this.#game = game
  }

  /** White opens it. */
  static async start(game: RunningGame): Promise<CountedStream> {
    const [black, white] = game.players
    await white.count(black.id)
    return new CountedStream(game)
  }

  get name(): string {
    return `the stream of ${this.#game.name} (${this.#game.homes.map(({ name }) => name).join(', ')})`
  }

  /** How many numbers have come to whoever has fewer. */
  get counted(): number {
    return Math.min(...this.#game.players.map(({ counted }) => counted))
  }

  get routes(): string {
    return this.#game.players.map(({ countedBy }) => countedBy ?? 'none').join(', ')
  }

  /** Ends it in order: whoever opened it first. */
  async stop(): Promise<void> {
    for (const player of this.#game.players.toReversed()) this.#results.push(await player.stopCounting())
  }

  /** What was wrong: nothing, or sentences. A stream may end for want of a line in faults that last too long for it, at both ends. */
  verify(mayEnd: boolean): string[] {
    if (this.#results.length < 2) return [`${this.name}: not ended in order`]
    const [white, black] = this.#results as [CountResult, CountResult]
    const wrongs = [...white.wrongs, ...black.wrongs].slice(0, 10)
    const endings = [...white.endings, ...black.endings].filter(code => !mayEnd || code !== 'stream/no-way')
    if (endings.length > 0) wrongs.push(`ended before its time: ${endings.join(', ')}`)
    const isWhole = white.endings.length + black.endings.length === 0
    for (const [sent, received] of [
      [white.sent, black.received],
      [black.sent, white.received],
    ] as const) {
      if (isWhole ? sent !== received : received > sent) wrongs.push(`${sent} numbers were sent, ${received} came`)
    }
    return wrongs.map(wrong => `${this.name}: ${wrong}`)
  }

  /** What it went through. */
  get tale(): string {
    const [white, black] = this.#results
    const numbers = `${white?.sent ?? 0} numbers there and ${black?.sent ?? 0} back`
    const endings = white?.endings.length ?? 0
    return `${this.name}: ${numbers}, moved ${white?.carried ?? 0} times${endings === 0 ? '' : `, ${endings} times begun anew`}`
  }
}
