import { type GoSetup, type GoState, colorOfSeat, giveTurn, goRules, startGame } from '@tsugi/go'

import type { MoveModel } from './game-model.ts'

/**
 * The positions of a game by ply. Keeps what it has replayed: a new move costs one move, and going back costs nothing.
 */
export class PositionLine {
  readonly #setup: GoSetup
  #moves: readonly MoveModel[] = []
  #positions: GoState[]

  constructor(setup: GoSetup) {
    this.#setup = setup
    this.#positions = [startGame(setup)]
  }

  /** The positions from the start to after the last of `moves`; stops early at a move that cannot be played. */
  through(moves: readonly MoveModel[]): readonly GoState[] {
    let same = 0
    while (same < moves.length && same < this.#positions.length - 1 && isSame(moves[same], this.#moves[same])) same++
    const positions = this.#positions.slice(0, same + 1)
    for (const move of moves.slice(same)) {
      const before = positions.at(-1) ?? startGame(this.#setup)
      const after = play(before, move)
      if (!after) break
      positions.push(after)
    }
    this.#moves = moves
    this.#positions = positions
    return positions
  }
}

function isSame(a: MoveModel | undefined, b: MoveModel | undefined): boolean {
  return a?.seat === b?.seat && a?.vertex === b?.vertex
}

function play(before: GoState, move: MoveModel): GoState | null {
  // After both passed and the players went on, the records hold just the next move.
  const open = before.phase === 'stopped' ? goRules.resume(before) : before
  const ready = giveTurn(open, colorOfSeat(move.seat))
  const after = move.vertex === null ? goRules.pass(ready, move.seat) : goRules.play(ready, move.seat, move.vertex)
  return after.ok ? after.value : null
}
