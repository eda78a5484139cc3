import { describe, expect, test } from 'vitest'

import { playAll, positions, refusalOf, stateFrom, vertexOf } from '../test-support/position.ts'
import {
  diagramOfBoard,
  isLegal,
  koPoint,
  legalMoves,
  passTurn,
  playMove,
  resignGame,
  resumePlay,
  startGame,
} from './index.ts'
import type { RulesetName } from './index.ts'

const all: RulesetName[] = ['japanese', 'chinese', 'aga', 'new-zealand']

describe('playing', () => {
  test('refuses occupied points, points off the board, and everything once the game is not being played', () => {
    const state = playAll(startGame({ size: 9, ruleset: 'japanese', komi: 6.5, handicap: 0 }), 'D4')
    expect(refusalOf(state, 'D4')).toBe('go/occupied')
    for (const vertex of [-1, 81, 1.5, NaN])
      expect(playMove(state, vertex)).toEqual({ ok: false, code: 'go/out-of-board' })
    const stopped = playAll(state, 'pass pass')
    expect(stopped.phase).toBe('stopped')
    expect(refusalOf(stopped, 'A1')).toBe('go/not-playing')
    expect(passTurn(stopped)).toEqual({ ok: false, code: 'go/not-playing' })
    expect(legalMoves(stopped)).toEqual([])
  })

  test('leaves the state before as it was', () => {
    const before = stateFrom(positions.ko)
    const drawn = diagramOfBoard(before.board, 5)
    const after = playAll(before, 'C4')
    expect(diagramOfBoard(before.board, 5)).toBe(drawn)
    expect(before.captures).toEqual({ black: 0, white: 0 })
    expect(after.captures).toEqual({ black: 1, white: 0 })
    expect(after.moveNumber).toBe(1)
    expect(after.lastMove).toBe(vertexOf(after, 'C4'))
    expect(after.toPlay).toBe('white')
  })

  test('answers the stones it took, several chains at once', () => {
    const state = stateFrom(`
      X O . O X
      . X O X .
      . . X . .
      . . . . .
      . . . . .`)
    const played = playMove(state, vertexOf(state, 'C5'))
    expect(played.ok && [...played.value.captured].sort((a, b) => a - b)).toEqual([1, 3, 7])
    expect(played.ok && played.value.state.ko).toBeNull()
  })

  test('legalMoves are the points where isLegal holds', () => {
    const state = stateFrom(positions.seki)
    const legal = legalMoves(state)
    for (let vertex = 0; vertex < 49; vertex++) expect(legal.includes(vertex)).toBe(isLegal(state, vertex))
    // Black may not fill the White eye E7 while White has the liberty C7.
    expect(legal).not.toContain(vertexOf(state, 'E7'))
  })
})

describe('suicide', () => {
  const diagram = `
    . O . . .
    O O . . .
    . . . . .
    . . . . .
    . . . . .`

  test.each(['japanese', 'chinese', 'aga'] as const)('%s rules forbid it', ruleset => {
    expect(refusalOf(stateFrom(diagram, ruleset), 'A5')).toBe('go/suicide')
  })

  test('New Zealand rules allow it: the stones go to the opponent', () => {
    const two = stateFrom(
      `
      X . O . .
      O O O . .
      . . . . .
      . . . . .
      . . . . .`,
      'new-zealand',
    )
    const played = playMove(two, 1)
    expect(played.ok && played.value.captured).toEqual([1, 0])
    expect(played.ok && played.value.state.captures).toEqual({ black: 0, white: 2 })
    expect(played.ok && played.value.state.ko).toBeNull()
  })

  test('suicide of one stone is a pass by another name: situational superko refuses it where the passes made the situation', () => {
    // Black's suicide leaves the same stones with White to move; after White has passed, that situation stood before.
    const white = stateFrom(diagram, 'new-zealand', 'white')
    expect(refusalOf(playAll(white, 'pass'), 'A5')).toBe('go/superko')
    expect(refusalOf(stateFrom(diagram, 'new-zealand'), 'A5')).toBeNull()
  })

  test('a stone without liberties that takes others is no suicide', () => {
    const state = stateFrom(`
      . O X . .
      O X . . .
      X . . . .
      . . . . .
      . . . . .`)
    const played = playMove(state, 0)
    expect(played.ok && [...played.value.captured].sort((a, b) => a - b)).toEqual([1, 5])
  })
})

describe('ko', () => {
  test.each(all)('under %s rules it cannot be retaken at once, but after a move elsewhere', ruleset => {
    const taken = playAll(stateFrom(positions.ko, ruleset), 'C4')
    expect(koPoint(taken)).toBe(vertexOf(taken, 'B4'))
    expect(refusalOf(taken, 'B4')).toBe('go/ko')
    expect(isLegal(taken, vertexOf(taken, 'B4'))).toBe(false)
    const answered = playAll(taken, 'E1 E2')
    expect(koPoint(answered)).toBeNull()
    expect(refusalOf(answered, 'B4')).toBeNull()
  })

  test.each(all)('under %s rules the one who took it may fill it', ruleset => {
    expect(refusalOf(playAll(stateFrom(positions.ko, ruleset), 'C4 E1'), 'B4')).toBeNull()
  })

  test('taking back more than one stone (snapback) is no ko', () => {
    const thrownIn = playAll(stateFrom(positions.snapback), 'C7 D7')
    expect(koPoint(thrownIn)).toBeNull()
    const back = playMove(thrownIn, vertexOf(thrownIn, 'C7'))
    expect(back.ok && back.value.captured).toHaveLength(7)
  })
})

describe('stopping and going on', () => {
  test('two passes in a row stop the game, one does not', () => {
    const state = startGame({ size: 9, ruleset: 'chinese', komi: 7.5, handicap: 0 })
    expect(playAll(state, 'pass').phase).toBe('playing')
    expect(playAll(state, 'pass D4 pass').phase).toBe('playing')
    expect(playAll(state, 'pass D4 pass pass').phase).toBe('stopped')
    expect(playAll(state, 'pass D4 pass pass').passes).toEqual({ black: 2, white: 1 })
  })

  test('by the turn under area rules, and with the opponent of who asked under Japanese ones (article 9.3)', () => {
    const stop = (ruleset: RulesetName) =>
      playAll(startGame({ size: 9, ruleset, komi: 6.5, handicap: 0 }), 'D4 pass pass')
    const first = (ruleset: RulesetName, by?: 'black' | 'white') => {
      const resumed = resumePlay(stop(ruleset), by)
      return resumed.ok && resumed.value.phase === 'playing' && resumed.value.toPlay
    }
    expect(first('chinese', 'white')).toBe('white')
    expect(first('japanese', 'white')).toBe('black')
    expect(first('japanese', 'black')).toBe('white')
    expect(first('japanese')).toBe('white')
    expect(resumePlay(startGame({ size: 9, ruleset: 'aga', komi: 0, handicap: 0 }))).toEqual({
      ok: false,
      code: 'go/not-stopped',
    })
  })

  test('it takes two passes again to stop it again', () => {
    const stopped = playAll(startGame({ size: 9, ruleset: 'aga', komi: 0, handicap: 0 }), 'pass pass')
    const resumed = resumePlay(stopped)
    expect(resumed.ok && playAll(resumed.value, 'pass').phase).toBe('playing')
    expect(resumed.ok && playAll(resumed.value, 'pass pass').phase).toBe('stopped')
  })

  test('resigning ends it, once', () => {
    const resigned = resignGame(startGame({ size: 9, ruleset: 'aga', komi: 0, handicap: 0 }), 'white')
    expect(resigned.ok && resigned.value.resignedBy).toBe('white')
    expect(resigned.ok && resignGame(resigned.value, 'black')).toEqual({ ok: false, code: 'go/not-playing' })
    expect(resigned.ok && refusalOf(resigned.value, 'A1')).toBe('go/not-playing')
  })
})
