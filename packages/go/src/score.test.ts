import { describe, expect, test } from 'vitest'

import { playAll, positions, stateFrom, vertexOf } from '../test-support/position.ts'
import {
  GoError,
  diagramOfBoard,
  formatResult,
  parseResult,
  passTurn,
  playMove,
  scoreGame,
  startGame,
  withoutDead,
  type GoState,
  type RulesetName,
} from './index.ts'

/** Black has 3 columns, White 4; a black stone is dead among White's, D3 is dame. */
const split = `
  . . X O . . .
  . . X O . X .
  . . X O . . .
  . . X O . . .
  . . X . O . .
  . . X O . . .
  . . X O . . .`

describe('counting', () => {
  test('by area: living stones and surrounded points; points that both touch are nobody’s', () => {
    const state = stateFrom(split, 'chinese')
    const score = scoreGame(state, [vertexOf(state, 'F6')])
    expect([score.black, score.white]).toEqual([21, 27])
    expect(score.text).toBe('W+6')
    expect(score.details.dame).toEqual([vertexOf(state, 'D3')])
    expect(score.owner[vertexOf(state, 'F6')]).toBe(2)
    expect(score.owner[vertexOf(state, 'D3')]).toBe(0)
    expect(score.owner[vertexOf(state, 'C7')]).toBe(1)
  })

  test('by territory: surrounded points and prisoners, dead stones counting twice', () => {
    const state = stateFrom(split, 'japanese')
    const score = scoreGame(state, [vertexOf(state, 'F6')])
    expect([score.black, score.white]).toEqual([14, 21])
    expect(score.details.white).toMatchObject({ territory: 20, prisoners: 1, stones: 0 })
    expect(score.owner[vertexOf(state, 'C7')]).toBe(0)
  })

  test('a stone that is not called dead spoils the territory around it', () => {
    expect(scoreGame(stateFrom(split, 'japanese'), []).white).toBe(0)
  })

  test('komi goes to White; handicap stones are made up for as the rule set says', () => {
    const handicapOf = (ruleset: RulesetName) => {
      const state = startGame({ size: 9, ruleset, komi: 0.5, handicap: 3 })
      return scoreGame(state, []).details.white
    }
    expect(handicapOf('japanese')).toMatchObject({ komi: 0.5, handicap: 0, total: 0.5 })
    expect(handicapOf('chinese')).toMatchObject({ handicap: 3, total: 3.5 })
    expect(handicapOf('aga')).toMatchObject({ handicap: 2, total: 2.5 })
    expect(handicapOf('new-zealand')).toMatchObject({ handicap: 0, total: 0.5 })
  })

  test('equal scores are a draw', () => {
    const score = scoreGame(startGame({ size: 9, ruleset: 'new-zealand', komi: 0, handicap: 0 }), [])
    expect(score).toMatchObject({ winner: null, margin: 0, text: '0' })
  })

  test('only stones can be dead, and only AGA rules leave the way of counting open', () => {
    const state = stateFrom(split, 'chinese')
    expect(() => scoreGame(state, [vertexOf(state, 'A1')])).toThrow(GoError)
    expect(() => scoreGame(state, [49])).toThrow(GoError)
    expect(() => scoreGame(state, [], 'territory')).toThrow(GoError)
  })
})

describe('seki', () => {
  test('has no points under Japanese rules, and its points under the others', () => {
    const japanese = scoreGame(stateFrom(positions.seki), [])
    expect(japanese.details.seki).toEqual([0, 4])
    expect(japanese.details.dame).toEqual([2])
    expect([japanese.black, japanese.white]).toEqual([24, 0])
    const area = scoreGame(stateFrom(positions.seki, 'chinese'), [])
    expect([area.black, area.white]).toEqual([24 + 13 + 1, 9 + 1])
    expect(scoreGame(stateFrom(positions.seki, 'aga'), [], 'territory').details).toMatchObject({
      seki: [],
      black: { territory: 25 },
      white: { territory: 1 },
    })
  })

  test('ten thousand year ko: left alone or made seki, nobody has a point there; the ko can be taken and retaken', () => {
    const left = stateFrom(positions.tenThousandYearKo)
    expect(scoreGame(left, []).details).toMatchObject({ seki: [vertexOf(left, 'B7')], black: { territory: 0 } })
    const taken = playAll(left, 'B7')
    expect(taken.ko).toBe(vertexOf(left, 'A7'))
    expect(playAll(taken, 'G1 F1 A7').captures).toEqual({ black: 1, white: 1 })
    const connected = playAll(stateFrom(positions.tenThousandYearKo, 'japanese', 'white'), 'B7')
    const score = scoreGame(connected, [])
    expect(score.details.dame).toEqual([vertexOf(left, 'D7'), vertexOf(left, 'D6')])
    expect([score.black, score.white]).toEqual([0, 25])
  })

  test('a living group with neutral points beside it keeps its territory', () => {
    const score = scoreGame(stateFrom(split), [12])
    expect(score.details.seki).toEqual([])
    const twoSmallEyes = stateFrom(`
      . X . X O . .
      X X X X O . .
      O O O . O . .
      . . O O O . .
      . . . . . . .
      . . . . . . .
      . . . . . . .`)
    expect(scoreGame(twoSmallEyes, []).details).toMatchObject({ seki: [], dame: [17], black: { territory: 2 } })
  })

  test('a false eye does not save a group from being seki', () => {
    const state = stateFrom(`
      . X . X O . .
      X X O X O . .
      O O O . O . .
      . . O O O . .
      . . . . . . .
      . . . . . . .
      . . . . . . .`)
    // C7 touches both; A7 is the only eye, next to the neutral points C7 and D5.
    expect(scoreGame(state, []).details.seki).toEqual([0])
  })
})

test('bent four in the corner is dead under Japanese rules, and a ko when it is played out', () => {
  const state = stateFrom(positions.bentFour)
  const dead = ['D7', 'B6', 'C6', 'D6', 'B5', 'A4', 'B4'].map(name => vertexOf(state, name))
  const score = scoreGame(state, dead)
  expect(score.black).toBe(37 + 7)
  expect(diagramOfBoard(withoutDead(state.board, dead), 7)).not.toContain('O')
  const played = playAll(state, 'C7 A5 B7 A7 A6')
  expect(played.captures).toEqual({ black: 1, white: 4 })
  expect(played.ko).toBe(vertexOf(state, 'A7'))
})

test('a point that its owner has to fill is no territory under Japanese rules, but area all the same', () => {
  const diagram = `
    . . X O . . .
    . . X O . . .
    X X X O . . .
    X X O O . . .
    . X O . . . .
    X O O . . . .
    O O . . . . .`
  // A2 has its last liberty at A3.
  const state = stateFrom(diagram)
  expect(scoreGame(state, []).details).toMatchObject({ teire: [vertexOf(state, 'A3')], black: { territory: 4 } })
  expect(scoreGame(stateFrom(diagram, 'chinese'), []).details.black).toMatchObject({ territory: 5 })
})

test('the eye of a single chain is not a point to be filled, though it is the last liberty', () => {
  const state = stateFrom(`
    . X O . .
    X X O . .
    O O O . .
    . . . . .
    . . . . .`)
  expect(scoreGame(state, []).details).toMatchObject({ teire: [], black: { territory: 1 } })
})

describe('AGA rules: counting territory with pass stones gives what counting area gives', () => {
  test.each([0, 2, 5])('with %i handicap stones, over games of every length', handicap => {
    for (let seed = 1; seed <= 60; seed++) {
      let state: GoState = startGame({
        size: 7 + (seed % 3) * 2,
        ruleset: 'aga',
        komi: 7.5,
        handicap: Math.min(handicap, 4),
      })
      let random = seed * 7919 + handicap
      for (let move = 0; move < seed * 2 || state.phase === 'playing'; move++) {
        random = (Math.imul(random, 1_103_515_245) + 12_345) & 0x7fffffff
        const vertex = random % state.board.length
        const played = playMove(state, vertex)
        if (move < seed * 2 && played.ok) state = played.value.state
        else {
          const passed = passTurn(state)
          if (!passed.ok) break
          state = passed.value
        }
      }
      expect(state.phase).toBe('stopped')
      const area = scoreGame(state, [], 'area')
      const territory = scoreGame(state, [], 'territory')
      expect({ seed, ahead: territory.white - territory.black }).toEqual({ seed, ahead: area.white - area.black })
    }
  })
})

test.each([
  ['B+3.5', { by: 'score', winner: 'black', margin: 3.5 }],
  ['W+R', { by: 'resignation', winner: 'white' }],
  ['B+T', { by: 'time', winner: 'black' }],
  ['W+F', { by: 'forfeit', winner: 'white' }],
  ['0', { by: 'score', winner: null, margin: 0 }],
  ['Void', { by: 'void' }],
] as const)('the result %s is written and read', (text, result) => {
  expect(formatResult(result)).toBe(text)
  expect(parseResult(text)).toEqual(result)
})

test('results are read in their usual spellings, and nothing else is', () => {
  expect(parseResult(' W+7.50 ')).toEqual({ by: 'score', winner: 'white', margin: 7.5 })
  expect(parseResult('B+Resign')).toEqual({ by: 'resignation', winner: 'black' })
  expect(parseResult('Draw')).toEqual({ by: 'score', winner: null, margin: 0 })
  for (const text of ['', '?', 'B', 'B+', 'X+1', 'B+1.2.3', 'B+1e9']) expect(parseResult(text)).toBeNull()
})
