import { type Rules } from '@tsugi/match'
import { describe, expect, test } from 'vitest'

import { encodeSetup, goRules, type GoSetup, type GoState } from './index.ts'

goRules satisfies Rules<GoSetup, GoState, number, readonly number[]>

const setup: GoSetup = { size: 9, ruleset: 'chinese', komi: 7.5, handicap: 0 }

describe('goRules, the rules port of a match', () => {
  test('reads a setup as it travels, with komi in half points', () => {
    expect(encodeSetup(setup)).toEqual({ size: 9, ruleset: 'chinese', komi2: 15, handicap: 0 })
    expect(goRules.parseSetup(encodeSetup(setup))).toEqual({ ok: true, value: setup })
  })

  test('refuses a move out of turn, and any move once the game is stopped', () => {
    const start = goRules.start(setup)
    expect(goRules.turn(start)).toBe(0)
    expect(goRules.play(start, 1, 40)).toEqual({ ok: false, code: 'go/not-your-turn' })
    const moved = value(goRules.play(start, 0, 40))
    expect(goRules.turn(moved)).toBe(1)
    expect(goRules.pass(moved, 0)).toEqual({ ok: false, code: 'go/not-your-turn' })
    const stopped = value(goRules.pass(value(goRules.pass(moved, 1)), 0))
    expect(goRules.phase(stopped)).toBe('settling')
    expect(goRules.turn(stopped)).toBeNull()
    expect(goRules.play(stopped, 1, 41)).toEqual({ ok: false, code: 'go/not-playing' })
    expect(goRules.pass(stopped, 1)).toEqual({ ok: false, code: 'go/not-playing' })
    const resumed = goRules.resume(stopped)
    expect(goRules.phase(resumed)).toBe('playing')
    expect(goRules.turn(resumed)).toBe(1)
  })

  test('settles by the score of the rule set, and names resignation and time by the loser', () => {
    const black = value(goRules.play(goRules.start(setup), 0, 40))
    expect(goRules.settle(black, [])).toEqual({ winner: 0, text: 'B+73.5', by: 'score', scores: [81, 7.5] })
    expect(goRules.settle(black, [40])).toEqual({ winner: 1, text: 'W+7.5', by: 'score', scores: [0, 7.5] })
    expect(goRules.resignation(black, 0)).toEqual({ winner: 1, text: 'W+R', by: 'resignation' })
    expect(goRules.timeout(black, 1)).toEqual({ winner: 0, text: 'B+T', by: 'time' })
    expect(goRules.outcome(black)).toBeNull()
  })

  test('answers every value of a stranger without throwing', () => {
    const state = goRules.start(setup)
    for (const strange of [null, undefined, -1, -0, 81, 1.5, NaN, '40', [40], { at: 40 }, 40n, new Uint8Array(3)]) {
      expect(goRules.parseMove(state, strange).ok).toBe(false)
      expect(goRules.parseSetup(strange).ok).toBe(false)
      expect(goRules.parseProposal(state, strange).ok).toBe(false)
    }
    expect(goRules.parseMove(state, 0)).toEqual({ ok: true, value: 0 })
  })

  test('the digest tells positions, turns and prisoners apart, and is the same for the same game', () => {
    const start = goRules.start(setup)
    const one = value(goRules.play(start, 0, 40))
    const same = value(goRules.play(goRules.start(setup), 0, 40))
    expect(goRules.digest(one)).toEqual(goRules.digest(same))
    expect(goRules.digest(one)).not.toEqual(goRules.digest(start))
    expect(goRules.digest(value(goRules.pass(start, 0)))).not.toEqual(goRules.digest(start))
  })
})

function value<T>(result: { ok: true; value: T } | { ok: false; code: string }): T {
  if (!result.ok) throw new Error(result.code)
  return result.value
}
