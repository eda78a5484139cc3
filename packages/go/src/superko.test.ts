import { describe, expect, test } from 'vitest'

import { playAll, positions, refusalOf, stateFrom } from '../test-support/position.ts'
import { isRepetition, koPoint, startGame, type RulesetName } from './index.ts'

describe('triple ko', () => {
  const cycle = 'C8 B5 C2 B8 C5'

  test('goes on for ever under Japanese rules, and is seen to repeat', () => {
    const almost = playAll(stateFrom(positions.tripleKo), cycle)
    expect(isRepetition(almost)).toBe(false)
    const round = playAll(almost, 'B2')
    expect(isRepetition(round)).toBe(true)
    expect(isRepetition(playAll(round, `${cycle} B2`))).toBe(true)
  })

  test.each(['chinese', 'aga', 'new-zealand'] as const)('%s rules forbid the move that closes the circle', ruleset => {
    const almost = playAll(stateFrom(positions.tripleKo, ruleset), cycle)
    expect(koPoint(almost)).not.toBeNull()
    expect(refusalOf(almost, 'B2')).toBe('go/superko')
    expect(refusalOf(playAll(almost, 'J9 J8'), 'B2')).toBeNull()
  })
})

describe('sending two, returning one', () => {
  // White adds a second stone, Black takes both, White takes one back: the stones stand as at first, and Black is to move.
  const diagram = `
    . O . O .
    X X O . .
    . . . . .
    . . . . .
    . . . . .`
  const refusalUnder = (ruleset: RulesetName) => refusalOf(playAll(stateFrom(diagram, ruleset, 'white'), 'A5 C5'), 'B5')

  test('positional superko refuses it', () => {
    expect(refusalUnder('chinese')).toBe('go/superko')
  })

  test('situational superko does not, because the other player is to move now', () => {
    expect(refusalUnder('aga')).toBeNull()
    expect(refusalUnder('new-zealand')).toBeNull()
  })

  test('simple ko does not, and the second time round it is the same situation', () => {
    expect(refusalUnder('japanese')).toBeNull()
    const once = playAll(stateFrom(diagram, 'japanese', 'white'), 'A5 C5 B5')
    expect(isRepetition(once)).toBe(false)
    expect(isRepetition(playAll(once, 'pass A5 C5 B5'))).toBe(true)
  })

  test('situational superko refuses to begin it again, since White at A5 with Black to move stood before', () => {
    expect(refusalOf(playAll(stateFrom(diagram, 'aga', 'white'), 'A5 C5 B5 pass'), 'A5')).toBe('go/superko')
  })
})

test('a pass is never refused, though it repeats the position', () => {
  for (const ruleset of ['chinese', 'aga', 'new-zealand'] as const) {
    const state = startGame({ size: 5, ruleset, komi: 0, handicap: 0 })
    expect(playAll(state, 'pass pass').phase).toBe('stopped')
  }
})
