import { isBoardSize } from './vertex.ts'

/** The most handicap stones that the star points of a board can hold; 0 where a board has no star points. */
export function maxHandicap(size: number): number {
  if (!isBoardSize(size) || size < 7) return 0
  return size % 2 === 0 || size === 7 ? 4 : 9
}

/**
 * Where handicap stones stand, or null where the board has too few star points for them. The order is that of GTP 2's
 * `fixed_handicap` (section 4.1.1): opposite corners first, the centre for odd numbers from 5 on.
 */
export function handicapPoints(size: number, stones: number): number[] | null {
  if (stones === 0) return []
  if (!Number.isInteger(stones) || stones < 2 || stones > maxHandicap(size)) return null
  const near = size >= 13 ? 3 : 2
  const far = size - 1 - near
  const middle = (size - 1) / 2
  const at = (row: number, column: number): number => row * size + column
  const corners = [at(far, near), at(near, far), at(near, near), at(far, far)]
  const sides = [at(middle, near), at(middle, far), at(far, middle), at(near, middle)]
  const points = [...corners.slice(0, stones), ...sides.slice(0, stones >= 8 ? 4 : stones >= 6 ? 2 : 0)]
  if (stones >= 5 && stones % 2 === 1) points.push(at(middle, middle))
  return points
}

/**
 * The points that a board marks with a dot: by custom five on 9 lines, nine on 13 and more odd ones, else the handicap
 * points there are, and the centre of an odd board.
 */
export function starPoints(size: number): number[] {
  const marked = handicapPoints(size, size === 9 ? 5 : maxHandicap(size)) ?? []
  const centre = ((size - 1) / 2) * size + (size - 1) / 2
  return size % 2 === 1 && !marked.includes(centre) ? [...marked, centre] : marked
}
