import { BLACK, EMPTY, WHITE, type Stone } from './color.ts'
import { neighboursOf } from './vertex.ts'

/**
 * A board: one byte a vertex, 0 for empty, 1 for a black stone, 2 for a white one. Boards that this package
 * hands out are shared between states: read them, copy them, never write to them.
 */
export type Board = Readonly<Uint8Array>

/** Stones of one colour that are connected along lines, and the empty points next to them. */
export interface Chain {
  readonly stone: Stone
  readonly stones: readonly number[]
  readonly liberties: readonly number[]
}

/** An empty board with `size` lines. */
export function createBoard(size: number): Uint8Array {
  return new Uint8Array(size * size)
}

/** The chain that stands on a vertex, or null where the vertex is empty. */
export function chainAt(board: Board, size: number, vertex: number): Chain | null {
  const stone = board[vertex]
  if (stone !== BLACK && stone !== WHITE) return null
  const seen = new Uint8Array(board.length)
  const stones = [vertex]
  const liberties: number[] = []
  seen[vertex] = 1
  // The loop runs on while it appends: stones is also the queue.
  for (const from of stones) {
    for (const neighbour of neighboursOf(from, size)) {
      if (seen[neighbour]) continue
      const content = board[neighbour]
      if (content === EMPTY) liberties.push(neighbour)
      else if (content === stone) stones.push(neighbour)
      else continue
      seen[neighbour] = 1
    }
  }
  return { stone, stones, liberties }
}

/** All chains of a board, in the order of their first vertex. */
export function chainsOf(board: Board, size: number): Chain[] {
  const seen = new Uint8Array(board.length)
  const chains: Chain[] = []
  for (let vertex = 0; vertex < board.length; vertex++) {
    if (seen[vertex]) continue
    const chain = chainAt(board, size, vertex)
    if (!chain) continue
    for (const stone of chain.stones) seen[stone] = 1
    chains.push(chain)
  }
  return chains
}

/** Empty points that are connected along lines, and which colours stand at their edge. */
export interface Region {
  readonly points: readonly number[]
  readonly touchesBlack: boolean
  readonly touchesWhite: boolean
}

/** All connected regions of empty points, in the order of their first vertex. */
export function regionsOf(board: Board, size: number): Region[] {
  const seen = new Uint8Array(board.length)
  const regions: Region[] = []
  for (let start = 0; start < board.length; start++) {
    if (board[start] !== EMPTY || seen[start]) continue
    const points = [start]
    let touched = 0
    seen[start] = 1
    for (const from of points) {
      for (const neighbour of neighboursOf(from, size)) {
        const content = board[neighbour] ?? EMPTY
        if (content !== EMPTY) touched |= content
        else if (!seen[neighbour]) {
          seen[neighbour] = 1
          points.push(neighbour)
        }
      }
    }
    regions.push({ points, touchesBlack: (touched & BLACK) !== 0, touchesWhite: (touched & WHITE) !== 0 })
  }
  return regions
}

/** Whether two boards hold the same stones. */
export function isSameBoard(a: Board, b: Board): boolean {
  if (a.length !== b.length) return false
  for (let vertex = 0; vertex < a.length; vertex++) if (a[vertex] !== b[vertex]) return false
  return true
}

/** What a stone does to a board, whatever the ko rule says. */
export interface Placement {
  readonly board: Uint8Array
  /** Stones of the opponent that are taken off. */
  readonly captured: readonly number[]
  /** Stones of the player's own that are taken off, the new one among them; empty but for suicide. */
  readonly selfCaptured: readonly number[]
}

/** Puts a stone on an empty vertex of a copy of the board and takes off what has no liberty then. */
export function placeStone(board: Board, size: number, vertex: number, stone: Stone): Placement {
  const after = Uint8Array.from(board)
  after[vertex] = stone
  const captured: number[] = []
  for (const neighbour of neighboursOf(vertex, size)) {
    if (after[neighbour] === stone) continue
    const chain = chainAt(after, size, neighbour)
    if (!chain || chain.liberties.length > 0) continue
    for (const dead of chain.stones) after[dead] = EMPTY
    captured.push(...chain.stones)
  }
  const own = chainAt(after, size, vertex)
  if (!own || own.liberties.length > 0) return { board: after, captured, selfCaptured: [] }
  for (const dead of own.stones) after[dead] = EMPTY
  return { board: after, captured, selfCaptured: own.stones }
}
