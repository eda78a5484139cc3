import { type ClockSetting, type MatchId, type RecordHash, type RecordKind } from '@tsugi/protocol'

import { type ClockReading } from './clock.ts'
import { type IntentType } from './intent.ts'
import { type Outcome, type Seat } from './rules.ts'

/** Where a match stands. `loading`: not even the first record is here; `waiting`: a seat is free. */
export type MatchPhase = 'loading' | 'waiting' | 'playing' | 'settling' | 'over'

/** One place at the table. */
export interface SeatView {
  readonly seat: Seat
  /** The key that holds it, in hexadecimal; null while it is free. */
  readonly key: string | null
  readonly name: string
  readonly isMe: boolean
}

/** One move or pass that stands (what was taken back is not listed). */
export interface MoveView {
  /** Counted from 1. */
  readonly ply: number
  readonly seat: Seat
  readonly kind: 'move' | 'pass'
  /** The move in its wire form; null for a pass. */
  readonly move: unknown
  readonly hash: RecordHash
  /** The author's clock, milliseconds since 1970. */
  readonly at: number
  readonly spentMs: number
  /** By how much more than the lag allowance the mover took longer than their record says; 0 when all is well or unknown. */
  readonly lateByMs: number
}

/** The clocks at the moment that the view was made for. */
export interface ClocksView {
  readonly setting: ClockSetting
  readonly lagMs: number
  readonly seats: readonly ClockReading[]
  /** Whose clock runs. */
  readonly running: Seat | null
}

/** A request to take back moves. */
export interface UndoView {
  readonly by: Seat
  /** How many plies would be left. */
  readonly toPly: number
  readonly granted: readonly Seat[]
}

/** Talking about the result. */
export interface SettlingView<Proposal> {
  /** What stands to be accepted, as the rules read it; null until somebody has proposed. */
  readonly proposal: Proposal | null
  /** The same in its wire form: what a changed proposal starts from. */
  readonly proposalWire: unknown
  readonly by: Seat | null
  readonly accepted: readonly Seat[]
  /** What would result. */
  readonly outcome: Outcome | null
}

/** An offer of another game. */
export interface RematchView {
  readonly by: Seat
  readonly match: MatchId
  /** The new game's secret, for players of this one; null for watchers. */
  readonly secret: Uint8Array | null
  readonly readSecret: Uint8Array
}

/** Two records of one author with one counter, or with one parent: somebody cheats. The records themselves are the proof. */
export interface ProofView {
  readonly author: string
  readonly seat: Seat | null
  readonly counter: number
  readonly records: readonly [RecordHash, RecordHash]
  readonly bytes: readonly [Uint8Array, Uint8Array]
}

/** Somebody who is on the match's topic now. */
export interface PresenceView {
  readonly peer: string
  /** The seat that this peer has proved to hold; null for watchers. */
  readonly seat: Seat | null
  readonly name: string
  readonly status: 'here' | 'away'
  readonly since: number
}

/** One player as the others see them. */
export interface SeatPresence {
  readonly status: 'here' | 'away' | 'gone'
  readonly since: number | null
}

/** Everything that a page shows of a match, as plain data. Build it again after each step that says `changed`. */
export interface MatchView<State = unknown, Proposal = unknown> {
  readonly match: MatchId
  readonly phase: MatchPhase
  /** Nothing has happened for so long that intents are refused; records of others still count. */
  readonly archived: boolean
  readonly app: string
  readonly rules: string
  /** The setup in its wire form. */
  readonly setup: unknown
  readonly seats: readonly SeatView[]
  readonly mySeat: Seat | null
  /** Whether this side holds the invite's secret and may sit. */
  readonly isInvited: boolean
  /** The rules' state at the head; null while loading. */
  readonly state: State | null
  readonly turn: Seat | null
  readonly ply: number
  readonly moves: readonly MoveView[]
  readonly clocks: ClocksView | null
  readonly undo: UndoView | null
  /** While the result is talked about, and after that for what was agreed on. */
  readonly settling: SettlingView<Proposal> | null
  readonly outcome: Outcome | null
  readonly rematches: readonly RematchView[]
  readonly proofs: readonly ProofView[]
  /** Refused messages and records, by code. */
  readonly refusals: Readonly<Record<string, number>>
  /** The same by sender: peer id, then code. */
  readonly refusalsBySender: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly allowed: readonly IntentType[]
  readonly presence: readonly PresenceView[]
  /** By seat: whether each player is here. */
  readonly seatPresence: readonly SeatPresence[]
  /** Peers who are here without a seat. */
  readonly watchers: number
  readonly head: { readonly hash: RecordHash; readonly height: number; readonly kind: RecordKind } | null
  /** Records held: on the chain, beside it, and waiting for the one before them. */
  readonly records: { readonly chain: number; readonly beside: number; readonly waiting: number }
  /** When the last record arrived here, milliseconds since 1970. */
  readonly lastRecordAt: number | null
}
