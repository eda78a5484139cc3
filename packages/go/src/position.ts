import { isSameBoard, type Board } from './board.ts'
import type { Color } from './color.ts'
import type { KoRule } from './ruleset.ts'

/**
 * One position that stood in a game, and those before it. A list that states share: a move adds one link and copies
 * nothing, and what it links to never changes.
 */
export interface Position {
  readonly board: Board
  readonly toPlay: Color
  /** A 32-bit hash of the stones; equal boards have equal hashes, and equal hashes are looked at stone by stone. */
  readonly hash: number
  readonly previous: Position | null
}

/** One random-looking 32-bit number for each stone on each vertex (splitmix32 with a fixed seed). */
const stoneKeys = new Int32Array(2 * 19 * 19)
{
  let seed = 0x74737567
  for (let index = 0; index < stoneKeys.length; index++) {
    seed = (seed + 0x9e3779b9) | 0
    let mixed = seed ^ (seed >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    stoneKeys[index] = mixed ^ (mixed >>> 15)
  }
}

/** The hash of a board (Zobrist, 1970): the keys of its stones, combined by exclusive or. */
export function hashBoard(board: Board): number {
  let hash = 0
  for (let vertex = 0; vertex < board.length; vertex++) {
    const content = board[vertex] ?? 0
    if (content !== 0) hash ^= stoneKeys[vertex * 2 + content - 1] ?? 0
  }
  return hash
}

/** Whether a ko rule counts the position `board`, with `toPlay` to move, as one that stood before. */
export function isRepeated(last: Position, koRule: KoRule, board: Board, toPlay: Color): boolean {
  if (koRule === 'simple') return false
  const hash = hashBoard(board)
  for (let position: Position | null = last; position; position = position.previous) {
    if (position.hash !== hash) continue
    if (koRule === 'situational' && position.toPlay !== toPlay) continue
    if (isSameBoard(position.board, board)) return true
  }
  return false
}
