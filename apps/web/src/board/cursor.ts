/**
 * Where a key moves the keyboard's cursor on a board.
 *
 * @param vertex - where the cursor is, or null before its first use: it then appears at the centre
 * @param key - a `KeyboardEvent.key`
 * @returns the new vertex, or null when the key does not move the cursor
 */
export function moveCursor(vertex: number | null, size: number, key: string): number | null {
  const step = Object.hasOwn(steps, key) ? steps[key] : undefined
  if (step === undefined) return null
  if (vertex === null) return Math.floor(size / 2) * size + Math.floor(size / 2)
  const [row, column] = step(Math.floor(vertex / size), vertex % size, size)
  return clamp(row, size) * size + clamp(column, size)
}

function clamp(line: number, size: number): number {
  return Math.min(size - 1, Math.max(0, line))
}

const steps: Partial<Record<string, (row: number, column: number, size: number) => readonly [number, number]>> = {
  ArrowUp: (row, column) => [row - 1, column],
  ArrowDown: (row, column) => [row + 1, column],
  ArrowLeft: (row, column) => [row, column - 1],
  ArrowRight: (row, column) => [row, column + 1],
  Home: row => [row, 0],
  End: (row, _column, size) => [row, size - 1],
  PageUp: (_row, column) => [0, column],
  PageDown: (_row, column, size) => [size - 1, column],
}
