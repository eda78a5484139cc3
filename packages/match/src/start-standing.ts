import {
  type Code,
  type Limits,
  type MatchRecord,
  type RecordBodies,
  type Result,
  accept,
  isKind,
  refuse,
} from '@tsugi/protocol'

import { startClock } from './clock.ts'
import { type AnyRules, type Game, type Standing } from './standing.ts'

/** What the genesis record starts, or why it is refused: unknown rules, a setup they refuse, limits beyond ours. [V2] */
export function startStanding(
  rules: AnyRules,
  limits: Limits,
  record: MatchRecord,
): Result<{ readonly game: Game; readonly standing: Standing }, Code> {
  if (!isKind(record, 'genesis')) return refuse('record/wrong-link')
  const terms = record.body
  if (terms.rules !== rules.id) return refuse('genesis/rules', terms.rules)
  const setup = rules.parseSetup(terms.setup)
  if (!setup.ok) return refuse('genesis/rules', setup.code)
  if (terms.seat >= rules.seats || rules.seats > limits.gameSeats) return refuse('seat/unknown')
  if (!isWithin(limits, terms)) return refuse('genesis/limits')
  const each = Array.from({ length: rules.seats }, (_, seat) => seat)
  const clocks = each.map(() => startClock(terms.clock))
  const state = rules.start(setup.value)
  const standing: Standing = {
    before: null,
    hash: record.hash,
    kind: 'genesis',
    author: terms.seat,
    height: 0,
    phase: rules.seats === 1 ? 'playing' : 'waiting',
    seats: each.map(seat =>
      seat === terms.seat ? { key: record.author, name: terms.name, counter: record.counter, at: record.at } : null,
    ),
    state,
    turn: rules.seats === 1 ? rules.turn(state) : null,
    ply: null,
    startClocks: clocks,
    startState: state,
    clocks,
    moveCount: 0,
    turnHeight: 0,
    anchors: each.map(() => null),
    undo: null,
    undoRefusedAt: each.map(() => null),
    proposal: null,
    proposalCount: 0,
    outcome: null,
    rematches: [],
  }
  return accept({ game: { rules, genesis: record.hash, terms }, standing })
}

function isWithin(limits: Limits, terms: RecordBodies['genesis']): boolean {
  return (
    terms.maxMoves <= limits.gameMoves &&
    terms.maxRecords <= limits.gameRecords &&
    terms.maxSideRecords <= limits.gameSideRecords &&
    terms.maxSideRecords < terms.maxRecords &&
    terms.maxProposals <= limits.gameProposals
  )
}
