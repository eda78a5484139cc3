import { createBoard, type Board } from './board.ts'
import { GoError } from './codes.ts'
import { BLACK, WHITE } from './color.ts'
import { isBoardSize } from './vertex.ts'

/**
 * Reads a board drawn with `X` for Black, `O` for White and `.` for empty points, one line a row, blanks ignored.
 * For tests, examples and bug reports.
 *
 * @throws GoError `go/bad-argument` when the drawing is not a square of 5 to 19 lines
 */
export function boardFromDiagram(diagram: string): { readonly board: Uint8Array; readonly size: number } {
  const rows = diagram
    .split('\n')
    .map(row => row.replaceAll(/\s/g, ''))
    .filter(row => row.length > 0)
  const size = rows.length
  if (!isBoardSize(size) || rows.some(row => row.length !== size)) {
    throw new GoError('go/bad-argument', 'A diagram is a square of 5 to 19 lines.')
  }
  const board = createBoard(size)
  rows.forEach((row, line) => {
    Array.from(row).forEach((mark, column) => {
      if (mark === 'X') board[line * size + column] = BLACK
      else if (mark === 'O') board[line * size + column] = WHITE
      else if (mark !== '.') throw new GoError('go/bad-argument', `"${mark}" means nothing in a diagram.`)
    })
  })
  return { board, size }
}

/** Draws a board as {@link boardFromDiagram} reads it, without a line break at the end. */
export function diagramOfBoard(board: Board, size: number): string {
  const rows: string[] = []
  for (let row = 0; row < size; row++) {
    const marks = Array.from(board.subarray(row * size, (row + 1) * size), content =>
      content === BLACK ? 'X' : content === WHITE ? 'O' : '.',
    )
    rows.push(marks.join(' '))
  }
  return rows.join('\n')
}
