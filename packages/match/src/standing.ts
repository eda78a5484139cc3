import { type RecordBodies, type RecordHash, type RecordKind } from '@tsugi/protocol'

import { type PlayerClock } from './clock.ts'
import { type Outcome, type Rules, type Seat } from './rules.ts'

/** Rules of whatever game: inside the match, states and moves are opaque. */
export type AnyRules = Rules

/** What holds for a match from its first record to its last. */
export interface Game {
  readonly rules: AnyRules
  readonly genesis: RecordHash
  readonly terms: RecordBodies['genesis']
}

/** One move or pass that stands, linked to the one before it. */
export interface Ply {
  readonly before: Ply | null
  /** Counted from 1. */
  readonly index: number
  readonly seat: Seat
  readonly kind: 'move' | 'pass'
  readonly move: unknown
  readonly hash: RecordHash
  readonly at: number
  readonly spentMs: number
  /** The rules' state after it. */
  readonly state: unknown
  /** Everybody's clocks after it. */
  readonly clocks: readonly PlayerClock[]
}

/** Who holds a seat, and how far their own records have come. */
export interface SeatHolder {
  readonly key: string
  readonly name: string
  readonly counter: number
  readonly at: number
}

/** A request to take back moves, waiting for its answer. */
interface UndoRequest {
  readonly by: Seat
  readonly to: number
  readonly ask: RecordHash
  readonly granted: readonly Seat[]
}

/** What the players may agree on. */
interface StandingProposal {
  readonly by: Seat
  readonly wire: unknown
  readonly value: unknown
  readonly outcome: Outcome
  /** What an accept record must hold. */
  readonly hash: Uint8Array
  readonly accepted: readonly Seat[]
}

/** Where a match stands after one record: a function of that record and its ancestors alone. Never changed in place. */
export interface Standing {
  readonly before: Standing | null
  readonly hash: RecordHash
  readonly kind: RecordKind
  readonly author: Seat
  readonly height: number
  readonly phase: 'waiting' | 'playing' | 'settling' | 'over'
  readonly seats: readonly (SeatHolder | null)[]
  readonly state: unknown
  readonly turn: Seat | null
  readonly ply: Ply | null
  readonly startClocks: readonly PlayerClock[]
  readonly startState: unknown
  readonly clocks: readonly PlayerClock[]
  /** Moves and passes on the chain, those taken back included. */
  readonly moveCount: number
  /** The height of the record with which the present turn began. */
  readonly turnHeight: number
  /** By seat: the time of the holder's last record since the present turn began, itself included. */
  readonly anchors: readonly (number | null)[]
  readonly undo: UndoRequest | null
  /** By seat: the `moveCount` at which the holder's request was refused. */
  readonly undoRefusedAt: readonly (number | null)[]
  readonly proposal: StandingProposal | null
  readonly proposalCount: number
  readonly outcome: Outcome | null
  readonly rematches: readonly { readonly by: Seat; readonly body: RecordBodies['rematch'] }[]
}

/** The seat that a key holds. */
export function seatOfKey(standing: Standing, key: string): Seat | null {
  const seat = standing.seats.findIndex(holder => holder?.key === key)
  return seat === -1 ? null : seat
}

/** A copy of a list with one entry replaced. */
export function withEntry<T>(list: readonly T[], index: number, entry: T): readonly T[] {
  return list.map((old, at) => (at === index ? entry : old))
}
