import { type Code, type MatchRecord, type Result, accept, refuse } from '@tsugi/protocol'

import { type Change } from './change.ts'
import { type Seat } from './rules.ts'
import { type Game, type Ply, type Standing, withEntry } from './standing.ts'

/** How many plies are left when a player's last move, and what followed it, is taken back; null when there is none. [V5] */
export function undoTarget(standing: Standing, seat: Seat): number | null {
  for (let ply = standing.ply; ply !== null; ply = ply.before) {
    if (ply.seat === seat) return ply.index - 1
  }
  return null
}

/** Asks to take back moves. One request at a time, and none twice between two moves. [V5] */
export function applyUndoAsk(before: Standing, seat: Seat, record: MatchRecord, to: number): Result<Change, Code> {
  if (before.phase !== 'playing') return refuse('match/not-playing')
  if (before.undo !== null) return refuse('undo/pending')
  if (before.undoRefusedAt[seat] === before.moveCount) return refuse('undo/refused-already')
  const target = undoTarget(before, seat)
  if (target === null) return refuse('undo/nothing')
  if (target !== to) return refuse('undo/wrong-target')
  return accept({ undo: { by: seat, to, ask: record.hash, granted: [] } })
}

/** Grants or refuses. With the last grant the board and the clocks are again what they were. [V6] */
export function applyUndoAnswer(game: Game, before: Standing, seat: Seat, isGranted: boolean): Result<Change, Code> {
  const { undo } = before
  if (before.phase !== 'playing' || undo === null) return refuse('undo/not-asked')
  if (undo.by === seat || undo.granted.includes(seat)) return refuse('undo/own')
  if (!isGranted)
    return accept({ undo: null, undoRefusedAt: withEntry(before.undoRefusedAt, undo.by, before.moveCount) })
  const granted = [...undo.granted, seat]
  if (granted.length < before.seats.length - 1) return accept({ undo: { ...undo, granted } })
  const ply = plyAt(before, undo.to)
  const state = ply === null ? before.startState : ply.state
  return accept({
    undo: null,
    ply,
    state,
    clocks: ply === null ? before.startClocks : ply.clocks,
    turn: game.rules.turn(state),
  })
}

/** The ply of that index on the way to a standing; null for 0. */
export function plyAt(standing: Standing, index: number): Ply | null {
  let ply = standing.ply
  while (ply !== null && ply.index > index) ply = ply.before
  return ply
}
