import type { Board } from './board.ts'
import { BLACK, WHITE } from './color.ts'
import { Playout } from './playout.ts'
import { hashBoard } from './position.ts'

/** About how many random moves an estimate costs, whatever the size of the board. */
const MOVES_PER_ESTIMATE = 200_000

const known = new WeakMap<Board, Float32Array>()

/**
 * Who is likely to own each point when a finished game is counted, from -1 (White) to 1 (Black): how often each colour ends
 * up there when the position is played out at random, each colour moving first in half of the games. The dice are seeded with
 * the position, so everybody gets the same answer. Kept as long as the board itself.
 */
export function estimateOwnership(board: Board, size: number): Readonly<Float32Array> {
  const before = known.get(board)
  if (before) return before
  const games = 2 * Math.ceil(MOVES_PER_ESTIMATE / (2 * board.length))
  const sums = new Int16Array(board.length)
  const playout = new Playout(size, hashBoard(board))
  for (let game = 0; game < games; game++) playout.run(board, game % 2 === 0 ? BLACK : WHITE, sums)
  const ownership = Float32Array.from(sums, sum => sum / games)
  known.set(board, ownership)
  return ownership
}
