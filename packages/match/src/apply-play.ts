import { type ClockAfter, type Code, type MatchRecord, type Result, accept, refuse } from '@tsugi/protocol'

import { type Change, over } from './change.ts'
import { type PlayerClock, clockAfterMove, isSameClock } from './clock.ts'
import { type Seat } from './rules.ts'
import { type Game, type Ply, type Standing, withEntry } from './standing.ts'

/** A move or a pass as its record holds it. */
export interface Play {
  readonly kind: 'move' | 'pass'
  readonly move: unknown
  readonly clock: ClockAfter | undefined
}

/** A move or a pass: in turn, legal, and with the clock that follows from the one before. It overtakes a request for undo. [V4] */
export function applyPlay(
  game: Game,
  before: Standing,
  seat: Seat,
  record: MatchRecord,
  play: Play,
): Result<Change, Code> {
  const { rules, terms } = game
  if (before.phase !== 'playing') return refuse('match/not-playing')
  if (before.turn !== seat) return refuse('move/not-your-turn')
  if (before.moveCount >= terms.maxMoves) return refuse('record/limit', 'moves')
  const after = playByRules(game, before, seat, play)
  if (!after.ok) return after
  const clock = clockOf(game, before, seat, play.clock)
  if (!clock.ok) return clock
  const clocks = withEntry(before.clocks, seat, clock.value)
  const ply: Ply = {
    before: before.ply,
    index: (before.ply?.index ?? 0) + 1,
    seat,
    kind: play.kind,
    move: play.move,
    hash: record.hash,
    at: record.at,
    spentMs: play.clock?.[0] ?? 0,
    state: after.value,
    clocks,
  }
  const change = { state: after.value, ply, clocks, moveCount: before.moveCount + 1, undo: null, proposal: null }
  switch (rules.phase(after.value)) {
    case 'over':
      return accept({ ...change, ...over(rules.outcome(after.value)) })
    case 'settling':
      return accept({ ...change, phase: 'settling', turn: null })
    case 'playing':
      return accept({ ...change, turn: rules.turn(after.value) })
  }
}

function playByRules({ rules }: Game, before: Standing, seat: Seat, play: Play): Result<unknown, Code> {
  if (play.kind === 'pass') {
    const passed = rules.pass(before.state, seat)
    return passed.ok ? passed : refuse('move/illegal', passed.code)
  }
  const move = rules.parseMove(before.state, play.move)
  if (!move.ok) return refuse('move/illegal', move.code)
  const played = rules.play(before.state, seat, move.value)
  return played.ok ? played : refuse('move/illegal', played.code)
}

function clockOf(
  { terms }: Game,
  before: Standing,
  seat: Seat,
  written: ClockAfter | undefined,
): Result<PlayerClock, Code> {
  const old = before.clocks[seat]
  if (old === undefined) return refuse('seat/unknown')
  const isTimed = terms.clock.type !== 'none'
  if (isTimed !== (written !== undefined)) return refuse('clock/mismatch')
  if (written !== undefined && !old.started && written[0] !== 0) return refuse('clock/mismatch')
  const clock = clockAfterMove(terms.clock, old, written?.[0] ?? 0)
  if (clock === null) return refuse('clock/out-of-time')
  return written === undefined || isSameClock(written, clock) ? accept(clock) : refuse('clock/mismatch')
}
