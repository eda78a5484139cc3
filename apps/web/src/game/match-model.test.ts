import { encodeSetup, goRules } from '@tsugi/go'
import { createMatchMachine } from '@tsugi/match'
import { expect, it } from 'vitest'

import type { LineModel } from './game-model.ts'
import { type GoMatchView, MatchModels } from './match-model.ts'
import { sgfOf } from './sgf-export.ts'

const line: LineModel = { kind: 'alone', roundTripMs: null, reason: '' }
const surroundings = { line, playLink: null, watchLink: 'w', myName: 'Later', isPublished: false, now: 1_000 }

function newGame(name: string): GoMatchView {
  const machine = createMatchMachine({ rules: goRules })
  const seatKey = new Uint8Array(32).fill(7)
  const secret = new Uint8Array(16).fill(3)
  const made = machine.create({
    app: 'tsugi-go',
    setup: encodeSetup({ size: 9, ruleset: 'japanese', komi: 6.5, handicap: 0 }),
    seat: 0,
    name,
    clock: { type: 'none' },
    secret,
    seatKey,
    now: 0,
  })
  if (!made.ok) throw new Error(made.code)
  const { match, genesis } = made.value
  return machine.view(machine.open({ match, peer: 'me', secret, seatKey, records: [genesis], now: 0 }).state, 0)
}

it('a game that was just made waits for its other player, with an empty board', () => {
  const model = new MatchModels().of(newGame('Hana'), surroundings)
  expect(model).toMatchObject({ phase: 'waiting', mySeat: 0, moves: [], count: null, result: null })
  expect(model.seats.map(seat => seat.name)).toEqual(['Hana', null])
  expect(model.positions).toHaveLength(1)
})

it('a name given after sitting down stands in for the one that was left empty, and for no other', () => {
  expect(new MatchModels().of(newGame(''), surroundings).seats[0].name).toBe('Later')
  expect(new MatchModels().of(newGame('Hana'), surroundings).seats[0].name).toBe('Hana')
})

it('once both passed and nobody has proposed, the first guess is shown and may be accepted', () => {
  const view = newGame('Hana')
  const settling: GoMatchView = {
    ...view,
    phase: 'settling',
    settling: { proposal: null, proposalWire: null, by: null, accepted: [], outcome: null },
    allowed: ['propose', 'resume'],
  }
  const model = new MatchModels().of(settling, surroundings)
  expect(model.count).toMatchObject({ result: 'W+6.5', acceptedBy: [false, false] })
  expect(model.can.has('accept')).toBe(true)
})

it('when the players go on after both passed, moves can be played again', () => {
  const view = newGame('Hana')
  const pass = (ply: number, seat: number) => ({
    ply,
    seat,
    kind: 'pass' as const,
    move: null,
    hash: '' as GoMatchView['moves'][number]['hash'],
    at: 0,
    spentMs: 0,
    lateByMs: 0,
  })
  const passes = { ...view, phase: 'settling', moves: [pass(1, 0), pass(2, 1)] } as const
  expect(new MatchModels().of(passes, surroundings).positions.at(-1)?.phase).toBe('stopped')
  const resumed = new MatchModels().of({ ...passes, phase: 'playing' }, surroundings)
  expect(resumed.positions).toHaveLength(3)
  expect(resumed.positions.at(-1)?.phase).toBe('playing')
})

it('writes the game as SGF with the players’ names, in a file with a safe name', () => {
  const model = new MatchModels().of({ ...newGame('Ha]na / x'), outcome: null }, surroundings)
  const file = sgfOf(model, new Date(2026, 10, 21))
  expect(file?.fileName).toBe('2026-11-21-Hanax-Anonymous.sgf')
  expect(file?.text).toContain('PB[Ha\\]na / x]')
})
