import type { Result, SgfCode } from '../codes.ts'
import { GoError } from '../codes.ts'
import { isVertex } from '../vertex.ts'
import { sgfCompose } from './text.ts'

const letters = 'abcdefghijklmnopqrs'

/** Writes a vertex as SGF does, column and row as letters from the top left (`dd`), and a pass, null, as the empty value. */
export function formatSgfPoint(vertex: number | null, size: number): string {
  if (vertex === null) return ''
  if (!isVertex(vertex, size)) throw new GoError('go/bad-argument', `The board has ${size} lines.`)
  return `${letters[vertex % size] ?? ''}${letters[Math.floor(vertex / size)] ?? ''}`
}

/** The vertex that a value names, or null where it is none of a board with `size` lines. */
export function parseSgfPoint(value: string, size: number): number | null {
  const point = value.trim()
  if (point.length !== 2) return null
  const column = letters.indexOf(point.charAt(0))
  const row = letters.indexOf(point.charAt(1))
  return column < 0 || row < 0 || column >= size || row >= size ? null : row * size + column
}

/** Reads the value of a move: a vertex, or null for a pass, written as nothing or, by older programs, as `tt`. */
export function parseSgfMove(value: string, size: number): Result<number | null, SgfCode> {
  const point = value.trim()
  if (point === '' || point === 'tt') return { ok: true, value: null }
  const vertex = parseSgfPoint(point, size)
  return vertex === null ? { ok: false, code: 'sgf/bad-point' } : { ok: true, value: vertex }
}

/** Reads a list of points, rectangles (`aa:cc`) included, as ascending vertices. */
export function sgfPoints(values: readonly string[], size: number): Result<number[], SgfCode> {
  const points = new Set<number>()
  if (values.length > size * size) return { ok: false, code: 'sgf/too-many-values' }
  for (const value of values) {
    const corners = sgfCompose(value) ?? [value, value]
    const from = parseSgfPoint(corners[0], size)
    const to = parseSgfPoint(corners[1], size)
    if (from === null || to === null) return { ok: false, code: 'sgf/bad-point' }
    const [left, right] = [from % size, to % size].sort((a, b) => a - b)
    const [top, bottom] = [Math.floor(from / size), Math.floor(to / size)].sort((a, b) => a - b)
    for (let row = top ?? 0; row <= (bottom ?? -1); row++) {
      for (let column = left ?? 0; column <= (right ?? -1); column++) points.add(row * size + column)
    }
  }
  return { ok: true, value: [...points].sort((a, b) => a - b) }
}

/** Writes a list of points, one value each. */
export function formatSgfPoints(vertices: Iterable<number>, size: number): string[] {
  return Array.from(vertices, vertex => formatSgfPoint(vertex, size))
}
