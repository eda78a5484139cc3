import { describe, expect, test } from 'vitest'

import { GoError } from './codes.ts'
import { formatVertex, isVertex, neighboursOf, parseVertex } from './vertex.ts'

describe('the names of vertices', () => {
  test('columns are lettered from the left without I, rows are numbered from the bottom', () => {
    expect(formatVertex(0, 19)).toBe('A19')
    expect(formatVertex(18, 19)).toBe('T19')
    expect(formatVertex(360, 19)).toBe('T1')
    expect(formatVertex(8, 19)).toBe('J19')
    expect(formatVertex(15 * 19 + 3, 19)).toBe('D4')
  })

  test.each([5, 9, 13, 19])('every vertex of %i lines is read back from its name, in either case', size => {
    for (let vertex = 0; vertex < size * size; vertex++) {
      const name = formatVertex(vertex, size)
      expect(parseVertex(name, size)).toBe(vertex)
      expect(parseVertex(` ${name.toLowerCase()} `, size)).toBe(vertex)
    }
  })

  test.each(['', 'I5', 'K1', 'A0', 'A10', 'A', '5', 'AA1', 'A1B', 'A1.5', 'ä1'])(
    '%o is no point of nine lines',
    text => {
      expect(parseVertex(text, 9)).toBeNull()
    },
  )

  test('naming a point that is not on the board is a mistake of the caller', () => {
    expect(() => formatVertex(81, 9)).toThrow(GoError)
    expect(() => formatVertex(0, 4)).toThrow(GoError)
    expect(isVertex(1.5, 9)).toBe(false)
  })
})

test('corners have two neighbours, edges three, the rest four, and being neighbours is mutual', () => {
  const counts = new Map<number, number>()
  for (let vertex = 0; vertex < 81; vertex++) {
    const neighbours = neighboursOf(vertex, 9)
    counts.set(neighbours.length, (counts.get(neighbours.length) ?? 0) + 1)
    for (const neighbour of neighbours) expect(neighboursOf(neighbour, 9)).toContain(vertex)
  }
  expect([...counts].sort(([a], [b]) => a - b)).toEqual([
    [2, 4],
    [3, 28],
    [4, 49],
  ])
})
