import { expect, it } from 'vitest'

import { boardViewBox, coordinateHeight, gridPath, marginOf, pointOf, vertexNear } from './geometry.ts'

it.each([5, 9, 13, 19])('every point of %i lines is found again where it is drawn', size => {
  for (let vertex = 0; vertex < size * size; vertex++) expect(vertexNear(pointOf(vertex, size), size)).toBe(vertex)
})

it('takes a click up to half a line away as the point, and nothing farther out', () => {
  expect(vertexNear({ x: 3.49, y: -0.49 }, 9)).toBe(3)
  expect(vertexNear({ x: -0.51, y: 0 }, 9)).toBeNull()
  expect(vertexNear({ x: 0, y: 8.51 }, 9)).toBeNull()
})

it('draws a line for each row and column', () => {
  expect(gridPath(19).match(/[HV]/g)).toHaveLength(38)
})

it('leaves room for coordinates on every board', () => {
  for (let size = 5; size <= 19; size++) {
    expect(marginOf(size, true)).toBeGreaterThan(0.48 + coordinateHeight(size))
    expect(boardViewBox(size, 1)).toBe(`-1 -1 ${size + 1} ${size + 1}`)
  }
})
