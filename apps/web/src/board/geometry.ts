/** Where things stand on the drawn board. One unit is the distance between two lines; the top left point is (0, 0). */

/** Room around the outer lines, in units: the half stone that overhangs, and the coordinates, which are as large on any board. */
export function marginOf(size: number, withCoordinates: boolean): number {
  return withCoordinates ? 0.6 + coordinateHeight(size) * 1.4 : 0.72
}

/** How much finer lines and letters are drawn on a small board, so that they look the same on any: 1 on 16 lines and more. */
function fineness(size: number): number {
  return Math.min(1, (size + 2) / 18)
}

/** The height of the coordinates' letters, in units. */
export function coordinateHeight(size: number): number {
  return 0.36 * fineness(size)
}

/** The width of the board's lines, in units; the outermost are twice as wide. */
export function lineWidth(size: number): number {
  return 0.032 * fineness(size)
}

/** A point of the drawing, in units. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** The `viewBox` that holds a board of `size` lines with `room` units around its outer lines. */
export function boardViewBox(size: number, room: number): string {
  const extent = size - 1 + 2 * room
  return `${-room} ${-room} ${extent} ${extent}`
}

/** The lines of the board as one path. */
export function gridPath(size: number): string {
  const end = size - 1
  let path = ''
  for (let line = 0; line < size; line++) path += `M0 ${line}H${end}M${line} 0V${end}`
  return path
}

/** Where a vertex is drawn. */
export function pointOf(vertex: number, size: number): Point {
  return { x: vertex % size, y: Math.floor(vertex / size) }
}

/** The vertex nearest to a point of the drawing, or null off the board (half a line's distance is still on it). */
export function vertexNear(point: Point, size: number): number | null {
  const column = Math.round(point.x)
  const row = Math.round(point.y)
  if (column < 0 || row < 0 || column >= size || row >= size) return null
  return row * size + column
}
