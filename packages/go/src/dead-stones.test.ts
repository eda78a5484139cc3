import { createRequire } from 'node:module'

import { describe, expect, test } from 'vitest'

import { positions, stateFrom, vertexOf } from '../test-support/position.ts'
import {
  chainAt,
  formatVertex,
  guessDeadStones,
  parseDeadStones,
  scoreGame,
  startGame,
  toggleDead,
  type GoState,
} from './index.ts'

const require = createRequire(import.meta.url)
const boards = require('@sabaki/deadstones/tests/data.js') as { finished: number[][]; unfinished: number[][] }
const sabaki = require('@sabaki/deadstones') as {
  guess(board: number[][], options: { finished: boolean }): Promise<[number, number][]>
}

const names = (state: GoState, dead: readonly number[]) => dead.map(vertex => formatVertex(vertex, state.setup.size))

const finished = () => {
  const board = Uint8Array.from(boards.finished.flat(), sign => (sign === 0 ? 0 : sign > 0 ? 1 : 2))
  return startGame({ size: 19, ruleset: 'japanese', komi: 6.5, handicap: 0 }, { board, toPlay: 'black' })
}

describe('the first guess at dead stones', () => {
  test('finds in a finished game what @sabaki/deadstones finds', async () => {
    const expected = await sabaki.guess(boards.finished, { finished: true })
    expect(guessDeadStones(finished())).toEqual(expected.map(([x, y]) => y * 19 + x).sort((a, b) => a - b))
  })

  test('is the same for equal boards, whoever asks and however often', () => {
    const first = guessDeadStones(finished())
    for (let time = 0; time < 3; time++) expect(guessDeadStones(finished())).toEqual(first)
  })

  test('leaves seki and ten thousand year ko alone', () => {
    expect(guessDeadStones(stateFrom(positions.seki))).toEqual([])
    expect(guessDeadStones(stateFrom(positions.tenThousandYearKo))).toEqual([])
  })

  test('takes the group in bent four for dead', () => {
    const state = stateFrom(positions.bentFour)
    expect(names(state, guessDeadStones(state))).toEqual(['D7', 'B6', 'C6', 'D6', 'B5', 'A4', 'B4'])
  })

  test('an empty board has none, nor has a board of the smallest size', () => {
    for (const size of [5, 19]) {
      expect(guessDeadStones(startGame({ size, ruleset: 'aga', komi: 0, handicap: 0 }))).toEqual([])
    }
  })

  test('is a list that parseDeadStones takes', () => {
    const state = finished()
    const dead = guessDeadStones(state)
    expect(parseDeadStones(state, dead)).toEqual({ ok: true, value: dead })
    expect(scoreGame(state, dead).margin % 1).toBe(0.5)
  })
})

describe('marking dead stones by hand', () => {
  /** Two white stones are dead in Black's corner; White lives on the right. */
  const diagram = `
    . . . X O . .
    . O . X O . O
    . . . X O . .
    O . . X O . .
    . . . X O O O
    X X X X X O .
    . . . . X O .`

  test('takes all stones of the colour in the region with the one that is pointed at', () => {
    const state = stateFrom(diagram)
    expect(names(state, toggleDead(state, [], vertexOf(state, 'B6')))).toEqual(['B6', 'A4'])
  })

  test('brings them back together', () => {
    const state = stateFrom(diagram)
    const dead = toggleDead(state, [], vertexOf(state, 'A4'))
    expect(toggleDead(state, dead, vertexOf(state, 'B6'))).toEqual([])
  })

  test('two sides are never dead in one place: marking the captors brings the captives back', () => {
    const state = stateFrom(diagram)
    const captives = toggleDead(state, [], vertexOf(state, 'B6'))
    const captors = toggleDead(state, captives, vertexOf(state, 'D7'))
    expect(captors).toContain(vertexOf(state, 'A2'))
    expect(captors).not.toContain(vertexOf(state, 'B6'))
  })

  test('does nothing on an empty point', () => {
    const state = stateFrom(diagram)
    expect(toggleDead(state, [vertexOf(state, 'A4')], vertexOf(state, 'A1'))).toEqual([vertexOf(state, 'A4')])
  })

  test('marks whole chains, the one that is pointed at among them, and unmarks it again', () => {
    const state = finished()
    const stones = Array.from(state.board.keys()).filter(vertex => state.board[vertex] !== 0)
    for (const vertex of stones) {
      const dead = toggleDead(state, [], vertex)
      expect(parseDeadStones(state, dead)).toEqual({ ok: true, value: dead })
      expect(dead).toEqual(expect.arrayContaining([...(chainAt(state.board, 19, vertex)?.stones ?? [])]))
      expect(toggleDead(state, dead, vertex)).not.toContain(vertex)
    }
  })
})

describe('a list of dead stones that came from elsewhere', () => {
  const state = stateFrom(positions.seki)

  test.each([
    ['nothing', [], null],
    ['a whole chain', [1, 7, 8], null],
    ['part of a chain', [1, 7], 'go/bad-dead-stones'],
    ['the wrong order', [7, 1, 8], 'go/bad-dead-stones'],
    ['a stone twice', [1, 1, 7, 8], 'go/bad-dead-stones'],
    ['an empty point', [0], 'go/not-a-stone'],
    ['a point off the board', [49], 'go/bad-dead-stones'],
    ['no list', { length: 1, 0: 1 }, 'go/bad-dead-stones'],
    ['a list of anything', ['1'], 'go/bad-dead-stones'],
    ['a list without end', Array.from({ length: 100_000 }, (_, index) => index), 'go/bad-dead-stones'],
  ])('%s', (_, value, code) => {
    const parsed = parseDeadStones(state, value)
    expect(parsed.ok ? null : parsed.code).toBe(code)
  })
})
