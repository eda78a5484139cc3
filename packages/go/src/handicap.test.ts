import { expect, test } from 'vitest'

import { GoError } from './codes.ts'
import { handicapPoints, maxHandicap, starPoints } from './handicap.ts'
import { startGame } from './state.ts'
import { formatVertex } from './vertex.ts'

const named = (size: number, stones: number) => handicapPoints(size, stones)?.map(vertex => formatVertex(vertex, size))

test('stones stand where GTP 2 places them', () => {
  expect(named(19, 2)).toEqual(['D4', 'Q16'])
  expect(named(19, 5)).toEqual(['D4', 'Q16', 'D16', 'Q4', 'K10'])
  expect(named(19, 6)?.sort()).toEqual(['D10', 'D16', 'D4', 'Q10', 'Q16', 'Q4'])
  expect(named(19, 9)).toHaveLength(9)
  expect(named(13, 4)).toEqual(['D4', 'K10', 'D10', 'K4'])
  expect(named(9, 9)).toContain('E5')
  expect(named(9, 2)).toEqual(['C3', 'G7'])
})

test.each([9, 13, 19])('on %i lines, 2 to 9 stones stand on as many different points', size => {
  for (let stones = 2; stones <= 9; stones++) expect(new Set(handicapPoints(size, stones)).size).toBe(stones)
})

test('a board with too few star points refuses the rest', () => {
  expect([5, 6, 7, 8, 9, 10, 19].map(maxHandicap)).toEqual([0, 0, 4, 4, 9, 4, 9])
  expect(handicapPoints(8, 5)).toBeNull()
  expect(handicapPoints(19, 1)).toBeNull()
  expect(() => startGame({ size: 8, ruleset: 'japanese', komi: 0.5, handicap: 5 })).toThrow(GoError)
})

test('with handicap stones White moves first', () => {
  const state = startGame({ size: 19, ruleset: 'japanese', komi: 0.5, handicap: 4 })
  expect(state.toPlay).toBe('white')
  expect(state.board.filter(content => content === 1)).toHaveLength(4)
  expect(startGame({ size: 19, ruleset: 'japanese', komi: 6.5, handicap: 0 }).toPlay).toBe('black')
})

test('boards mark the points that custom marks', () => {
  expect([5, 7, 9, 13, 18, 19].map(size => starPoints(size).length)).toEqual([1, 5, 5, 9, 4, 9])
})
