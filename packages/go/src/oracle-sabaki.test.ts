import { createRequire } from 'node:module'

import { describe, expect, test } from 'vitest'

import { dice } from '../test-support/position.ts'
import { passTurn, playMove, rulesets, startGame, type GoState, type RulesetName } from './index.ts'

type Sign = 1 | -1
interface SabakiBoard {
  readonly signMap: number[][]
  makeMove(
    sign: Sign,
    vertex: [number, number],
    options: { preventSuicide?: boolean; preventKo?: boolean },
  ): SabakiBoard
  getCaptures(sign: Sign): number
}
const require = createRequire(import.meta.url)
const Sabaki = require('@sabaki/go-board') as { fromDimensions(size: number): SabakiBoard }

/** What the other implementation makes of a move: its board, or that it is refused and how. */
function judge(
  board: SabakiBoard,
  sign: Sign,
  at: [number, number],
  ruleset: RulesetName,
  seen: ReadonlySet<string>,
): SabakiBoard | 'occupied' | 'suicide' | 'ko' | 'superko' {
  const { allowsSuicide, koRule } = rulesets[ruleset]
  if (board.signMap[at[1]]?.[at[0]] !== 0) return 'occupied'
  try {
    const after = board.makeMove(sign, at, { preventSuicide: !allowsSuicide, preventKo: true })
    return koRule !== 'simple' && seen.has(keyOf(after, -sign as Sign, koRule)) ? 'superko' : after
  } catch (error) {
    return String(error).includes('Ko') ? 'ko' : 'suicide'
  }
}

/** A position as text, with the player to move where the rule set minds; the plainest superko there is. */
function keyOf(board: SabakiBoard, toPlay: Sign, koRule: string): string {
  return `${board.signMap.join()}${koRule === 'situational' ? toPlay : ''}`
}

/** Plays one random game in both implementations, random points legal or not, and compares every answer and every board. */
function compareGame(size: number, ruleset: RulesetName, seed: number, attempts: number): number {
  const roll = dice(seed)
  const { koRule } = rulesets[ruleset]
  let state: GoState = startGame({ size, ruleset, komi: 0, handicap: 0 })
  let board = Sabaki.fromDimensions(size)
  let sign: Sign = 1
  const seen = new Set([keyOf(board, sign, koRule)])
  const fail = (what: string): never => {
    throw new Error(`${what}; size ${size}, ${ruleset}, seed ${seed}, move ${state.moveNumber + 1}`)
  }
  for (let attempt = 0; attempt < attempts && state.phase === 'playing'; attempt++) {
    if (roll() < 0.01) {
      const passed = passTurn(state)
      if (!passed.ok) return fail(passed.code)
      state = passed.value
      // A pass that Sabaki does not know about lifts its ko: a board made anew from the signs has none.
      board = board.makeMove(0 as Sign, [0, 0], {})
    } else {
      const vertex = Math.floor(roll() * size * size)
      const judged = judge(board, sign, [vertex % size, Math.floor(vertex / size)], ruleset, seen)
      const played = playMove(state, vertex)
      if (typeof judged === 'string') {
        if (played.ok || played.code !== `go/${judged}`) fail(`${vertex} should be refused as ${judged}`)
        continue
      }
      if (!played.ok) return fail(`${vertex} should be legal and is ${played.code}`)
      state = played.value.state
      board = judged
    }
    sign = -sign as Sign
    seen.add(keyOf(board, sign, koRule))
    const signs = board.signMap.flat()
    for (let vertex = 0; vertex < signs.length; vertex++) {
      const expected = signs[vertex] === 0 ? 0 : signs[vertex] === 1 ? 1 : 2
      if (state.board[vertex] !== expected) fail(`the boards differ at ${vertex}`)
    }
    if (state.captures.black !== board.getCaptures(1) || state.captures.white !== board.getCaptures(-1)) {
      fail('the prisoners differ')
    }
  }
  return state.moveNumber
}

describe('random games, move by move against @sabaki/go-board and a superko of plain sets', () => {
  const rounds: [size: number, games: number, attempts: number][] = [
    [5, 600, 250],
    [6, 200, 250],
    [7, 120, 300],
    [9, 40, 300],
    [13, 8, 500],
    [19, 3, 700],
  ]
  for (const ruleset of ['japanese', 'chinese', 'aga', 'new-zealand'] as const) {
    test.each(rounds)(`${ruleset}, %i lines`, (size, games, attempts) => {
      let moves = 0
      for (let seed = 1; seed <= games; seed++) moves += compareGame(size, ruleset, seed * 1000 + size, attempts)
      expect(moves).toBeGreaterThan(games * size * 3)
    })
  }
})
