import {
  type Code,
  type MatchRecord,
  type RecordContent,
  type Result,
  accept,
  fromHex,
  isInvited,
  refuse,
} from '@tsugi/protocol'

import { type Change } from './change.ts'
import { type Game, type Standing, seatOfKey, withEntry } from './standing.ts'

/** Sitting down: the seat is free, the key new, and the invitation has signed for it. Play begins with the last seat. [V3] */
export function applySit(
  game: Game,
  before: Standing,
  record: MatchRecord & Extract<RecordContent, { kind: 'sit' }>,
): Result<Change, Code> {
  const { seat, name, invitation } = record.body
  if (seat >= before.seats.length) return refuse('seat/unknown')
  if (before.seats[seat] !== null) return refuse('seat/taken')
  if (seatOfKey(before, record.author) !== null) return refuse('seat/seated-already')
  if (!isInvited(game.terms.invitation, invitation, game.genesis, fromHex(record.author), seat))
    return refuse('seat/not-invited')
  const seats = withEntry(before.seats, seat, { key: record.author, name, counter: record.counter, at: record.at })
  if (seats.includes(null)) return accept({ seats })
  return accept({ seats, phase: 'playing', turn: game.rules.turn(before.state) })
}
