import { chainAt, placeStone, regionsOf, type Board } from './board.ts'
import { BLACK, WHITE } from './color.ts'
import { neighboursOf } from './vertex.ts'

/**
 * Surrounded single points that their owner has to fill (teire) and that are therefore no territory: the last liberty of one of
 * several chains around the point, which the opponent could otherwise take there.
 *
 * @param board the board without dead stones
 * @returns vertices in ascending order
 */
export function findTeire(board: Board, size: number): number[] {
  let filled = board
  const found: number[] = []
  // Filling one point can take away the last liberty but one of another chain, so look again until nothing is found.
  for (let before = -1; before < found.length;) {
    before = found.length
    for (const { points, touchesBlack, touchesWhite } of regionsOf(filled, size)) {
      const [point] = points
      if (point === undefined || points.length > 1 || touchesBlack === touchesWhite) continue
      if (!isCutHere(filled, size, point)) continue
      filled = placeStone(filled, size, point, touchesBlack ? BLACK : WHITE).board
      found.push(point)
    }
  }
  return found.sort((a, b) => a - b)
}

/** Whether several chains meet at an empty point and it is the last liberty of one but not of all: those are what it is filled for. */
function isCutHere(board: Board, size: number, point: number): boolean {
  const liberties = new Map<number, number>()
  for (const neighbour of neighboursOf(point, size)) {
    const chain = chainAt(board, size, neighbour)
    if (chain) liberties.set(Math.min(...chain.stones), chain.liberties.length)
  }
  const counts = [...liberties.values()]
  return counts.some(count => count === 1) && counts.some(count => count > 1)
}
