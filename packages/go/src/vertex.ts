import { GoError } from './codes.ts'

/** The smallest and the largest number of lines of a board. */
export const MIN_SIZE = 5
/** See {@link MIN_SIZE}. */
export const MAX_SIZE = 19

/** Column letters as Go writes them: I is left out, since it reads like J. */
const columns = 'ABCDEFGHJKLMNOPQRST'

/** Whether a number is the number of lines of a board that this package plays on. */
export function isBoardSize(size: unknown): size is number {
  return typeof size === 'number' && Number.isInteger(size) && size >= MIN_SIZE && size <= MAX_SIZE
}

/** Whether a value is a vertex, `row * size + column` with row 0 at the top, of a board with `size` lines. */
export function isVertex(vertex: unknown, size: number): vertex is number {
  return typeof vertex === 'number' && Number.isInteger(vertex) && vertex >= 0 && vertex < size * size
}

/**
 * The name of a vertex, such as `D4`: a column letter from the left and a row number from the bottom.
 *
 * @throws GoError `go/bad-argument` when the vertex is not on the board
 */
export function formatVertex(vertex: number, size: number): string {
  if (!isBoardSize(size) || !isVertex(vertex, size))
    throw new GoError('go/bad-argument', `No vertex ${vertex} on ${size} lines.`)
  return `${columns[vertex % size]}${size - Math.floor(vertex / size)}`
}

/** The vertex that a person names (`D4`, `d4`, ` d 4 `), or null where that is no point of the board. */
export function parseVertex(text: string, size: number): number | null {
  const match = /^\s*([a-hj-t])\s*([1-9][0-9]?)\s*$/i.exec(text)
  if (!match) return null
  const column = columns.indexOf((match[1] ?? '').toUpperCase())
  const line = Number(match[2])
  return column < size && line <= size ? (size - line) * size + column : null
}

const none: readonly number[] = []
const tables: (readonly (readonly number[])[])[] = []

/** The two to four neighbours of every vertex of a board with `size` lines. Computed once for each size. */
function neighbourTable(size: number): readonly (readonly number[])[] {
  return (tables[size] ??= Array.from({ length: size * size }, (_, vertex) => {
    const row = Math.floor(vertex / size)
    const column = vertex % size
    const found: number[] = []
    if (row > 0) found.push(vertex - size)
    if (column > 0) found.push(vertex - 1)
    if (column < size - 1) found.push(vertex + 1)
    if (row < size - 1) found.push(vertex + size)
    return found
  }))
}

/** The two to four vertices next to a vertex; none for what is not on the board. */
export function neighboursOf(vertex: number, size: number): readonly number[] {
  return neighbourTable(size)[vertex] ?? none
}
