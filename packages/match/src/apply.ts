import { type Code, type MatchRecord, type Result, accept, isKind, refuse } from '@tsugi/protocol'

import { applyClaim, applyClockNote } from './apply-clock.ts'
import { applyPlay } from './apply-play.ts'
import { applyAccept, applyPropose, applyResume } from './apply-settling.ts'
import { applySit } from './apply-sit.ts'
import { applyUndoAnswer, applyUndoAsk } from './apply-undo.ts'
import { type Change, over } from './change.ts'
import { type Seat } from './rules.ts'
import { type Game, type SeatHolder, type Standing, seatOfKey, withEntry } from './standing.ts'

/**
 * The standing after a record, or why the record is refused. A function of the record and its ancestors alone: this is what makes
 * everybody's tree of records the same. The signature is checked apart. [V1]
 */
export function applyRecord(game: Game, before: Standing, record: MatchRecord): Result<Standing, Code> {
  if (record.parent !== before.hash || record.height !== before.height + 1) return refuse('record/wrong-link')
  const { terms } = game
  if (record.height >= terms.maxRecords - terms.maxSideRecords) return refuse('record/limit', 'chain')
  if (record.counter > terms.maxRecords) return refuse('record/limit', 'counter')
  if (isKind(record, 'sit')) {
    const seated = applySit(game, before, record)
    return seated.ok ? accept(next(before, record, record.body.seat, seated.value)) : seated
  }
  const seat = seatOfKey(before, record.author)
  const holder = seat === null ? null : before.seats[seat]
  if (seat === null || holder === null || holder === undefined) return refuse('record/not-seated')
  if (record.counter <= holder.counter) return refuse('record/replayed')
  if (record.at < holder.at) return refuse('record/backdated')
  const change = applyKind(game, before, seat, record)
  if (!change.ok) return change
  const grown: SeatHolder = { ...holder, counter: record.counter, at: record.at }
  return accept(next(before, record, seat, { ...change.value, seats: withEntry(before.seats, seat, grown) }))
}

function applyKind(game: Game, before: Standing, seat: Seat, record: MatchRecord): Result<Change, Code> {
  if (record.kind === 'rematch') return applyRematch(before, seat, record)
  if (before.phase === 'waiting') return refuse('match/waiting')
  if (before.phase === 'over') return refuse('match/over')
  switch (record.kind) {
    case 'move':
      return applyPlay(game, before, seat, record, { kind: 'move', move: record.body.move, clock: record.body.clock })
    case 'pass':
      return applyPlay(game, before, seat, record, { kind: 'pass', move: null, clock: record.body.clock })
    case 'resign':
      return accept(over(game.rules.resignation(before.state, seat)))
    case 'undo-ask':
      return applyUndoAsk(before, seat, record, record.body.to)
    case 'undo-grant':
    case 'undo-refuse':
      return applyUndoAnswer(game, before, seat, record.kind === 'undo-grant')
    case 'propose':
      return applyPropose(game, before, seat, record.body.proposal)
    case 'accept':
      return applyAccept(before, seat, record.body.hash)
    case 'resume':
      return applyResume(game, before)
    case 'claim-time':
      return applyClaim(game, before, seat, record, record.body.earlier)
    case 'clock-note':
      return applyClockNote(game, before, seat)
    case 'genesis':
    case 'sit':
      return refuse('record/wrong-link')
  }
}

function applyRematch(before: Standing, seat: Seat, record: MatchRecord): Result<Change, Code> {
  if (!isKind(record, 'rematch')) return refuse('record/malformed')
  if (before.phase !== 'over') return refuse('match/not-over')
  if (before.rematches.some(offer => offer.by === seat)) return refuse('rematch/offered-already')
  return accept({ rematches: [...before.rematches, { by: seat, body: record.body }] })
}

function next(before: Standing, record: MatchRecord, author: Seat, change: Change): Standing {
  const merged = { ...before, ...change }
  const turnBegins = merged.turn !== before.turn || merged.ply !== before.ply || merged.phase !== before.phase
  const anchors = turnBegins ? before.anchors.map(() => null) : before.anchors
  return {
    ...merged,
    before,
    hash: record.hash,
    kind: record.kind,
    author,
    height: record.height,
    turnHeight: turnBegins ? record.height : before.turnHeight,
    anchors: withEntry(anchors, author, record.at),
  }
}
