import { createRequire } from 'node:module'

import { describe, expect, test } from 'vitest'

import { dice } from '../test-support/position.ts'
import { passTurn, playMove, scoreGame, startGame, type GoState, type RulesetName } from './index.ts'

interface TenukiGame {
  playAt(row: number, column: number): boolean
  pass(): boolean
  isIllegalAt(row: number, column: number): boolean
  isOver(): boolean
  intersections(): { value: 'black' | 'white' | 'empty' }[]
  score(): { black: number; white: number }
  currentState(): { blackStonesCaptured: number; whiteStonesCaptured: number }
}
interface TenukiOptions {
  boardSize: number
  koRule: 'simple' | 'positional-superko' | 'situational-superko'
  scoring: 'area' | 'territory'
}
const require = createRequire(import.meta.url)
const { Game } = require('tenuki') as { Game: new (options: TenukiOptions) => TenukiGame }

const contents = { empty: 0, black: 1, white: 2 }

/** Plays one random game in both implementations and compares legality, boards, prisoners, and the area at the end. */
function compareGame(
  size: number,
  ruleset: RulesetName,
  koRule: TenukiOptions['koRule'],
  seed: number,
  attempts: number,
): number {
  const roll = dice(seed)
  let state: GoState = startGame({ size, ruleset, komi: 0, handicap: 0 })
  const game = new Game({ boardSize: size, koRule, scoring: 'area' })
  const fail = (what: string): never => {
    throw new Error(`${what}; size ${size}, ${ruleset}, seed ${seed}, move ${state.moveNumber + 1}`)
  }
  for (let attempt = 0; state.phase === 'playing'; attempt++) {
    if (attempt >= attempts || roll() < 0.01) {
      const passed = passTurn(state)
      if (!passed.ok || !game.pass()) return fail('a pass is refused')
      state = passed.value
    } else {
      const vertex = Math.floor(roll() * size * size)
      const at = [Math.floor(vertex / size), vertex % size] as const
      const played = playMove(state, vertex)
      if (played.ok === game.isIllegalAt(...at)) fail(`${vertex} is ${played.ok ? 'legal here' : played.code} only`)
      if (!played.ok) continue
      game.playAt(...at)
      state = played.value.state
    }
    game.intersections().forEach(({ value }, vertex) => {
      if (contents[value] !== state.board[vertex]) fail(`the boards differ at ${vertex}`)
    })
    // Tenuki counts prisoners by the colour of the stones taken.
    const { blackStonesCaptured, whiteStonesCaptured } = game.currentState()
    if (blackStonesCaptured !== state.captures.white || whiteStonesCaptured !== state.captures.black)
      fail('the prisoners differ')
  }
  if (!game.isOver()) fail('the game is not over')
  if (ruleset !== 'japanese') {
    const { black, white } = scoreGame(state, [])
    const other = game.score()
    if (black !== other.black || white !== other.white)
      fail(`the scores differ: ${black}:${white}, ${other.black}:${other.white}`)
  }
  return state.moveNumber
}

describe('random games, move by move against tenuki', () => {
  const rules = [
    ['japanese', 'simple'],
    ['chinese', 'positional-superko'],
    ['aga', 'situational-superko'],
  ] as const
  const rounds: [size: number, games: number, attempts: number][] = [
    [5, 250, 150],
    [7, 60, 200],
    [9, 20, 250],
    [13, 4, 400],
  ]
  for (const [ruleset, koRule] of rules) {
    test.each(rounds)(`${ruleset} and ${koRule}, %i lines`, (size, games, attempts) => {
      let moves = 0
      for (let seed = 1; seed <= games; seed++)
        moves += compareGame(size, ruleset, koRule, seed * 1000 + size, attempts)
      expect(moves).toBeGreaterThan(games * size * 3)
    })
  }
})
