import type { GoSetup, GoState, SideScore } from '@tsugi/go'

/** Black is 0, White is 1. */
export type GoSeat = 0 | 1

/** Where the game stands. `loading`: the chain has not been found yet, so not even the size of the board is known. */
type GamePhase = 'loading' | 'waiting' | 'playing' | 'settling' | 'over'

/** One of the two players. */
export interface SeatModel {
  /** Null while nobody sits there; empty when its player gave no name. */
  readonly name: string | null
  readonly isMe: boolean
  readonly presence: 'here' | 'away' | 'unknown'
  /** When an away player was last seen. */
  readonly awaySince: number | null
  readonly captures: number
  readonly hasClock: boolean
}

/** A move or a pass (`vertex` null). */
export interface MoveModel {
  readonly seat: GoSeat
  readonly vertex: number | null
  /** By how much longer the move took than its record says, beyond what the network may cost; 0 when all is well. */
  readonly lateByMs: number
}

/** What the clock of a seat shows. */
export interface ClockFace {
  readonly text: string
  /** Periods or moves left, as the kind of clock has them. */
  readonly detail: string
  readonly isLow: boolean
  readonly isRunning: boolean
}

/** The count that the players must agree on. */
export interface CountModel {
  readonly dead: ReadonlySet<number>
  readonly owners: Uint8Array
  /** `B+3.5`. */
  readonly result: string
  readonly sides: readonly [SideScore, SideScore]
  readonly acceptedBy: readonly [boolean, boolean]
}

/** The kind of line to the opponent, with what it means. */
export interface LineModel {
  /** `route`: no line between the two, but the relay passes the messages on. */
  readonly kind: 'direct' | 'relayed' | 'route' | 'alone' | 'offline'
  readonly roundTripMs: number | null
  readonly reason: string
}

/** Things that the page can do in the game now. */
export type GameAct =
  | 'play'
  | 'pass'
  | 'resign'
  | 'ask-undo'
  | 'answer-undo'
  | 'propose'
  | 'accept'
  | 'resume'
  | 'claim-time'
  | 'offer-rematch'
  | 'join-rematch'

/** Everything that the game's view shows, in plain data. */
export interface GameModel {
  readonly phase: GamePhase
  readonly mySeat: GoSeat | null
  readonly setup: GoSetup | null
  readonly clockSentence: string
  readonly seats: readonly [SeatModel, SeatModel]
  readonly turn: GoSeat | null
  readonly moves: readonly MoveModel[]
  /** Positions by ply: `positions[0]` is the start; one longer than `moves`. */
  readonly positions: readonly GoState[]
  readonly undoAskedBy: GoSeat | null
  readonly count: CountModel | null
  readonly result: string | null
  readonly rematchOfferedBy: GoSeat | null
  /** Sentences about proven cheating. */
  readonly proofs: readonly string[]
  readonly can: ReadonlySet<GameAct>
  readonly watchers: number
  /** Messages and records of others that broke a rule and changed nothing. */
  readonly refused: number
  /** Whether the relay has the game in its archive, as far as this page knows. */
  readonly isPublished: boolean
  readonly line: LineModel
  /** The links to pass on; `play` only for players while a seat is free. */
  readonly playLink: string | null
  readonly watchLink: string | null
}

/** What the view asks for. Whatever goes wrong is told by the controller. */
export interface GameActions {
  play(vertex: number): void
  pass(): void
  resign(): void
  askUndo(): void
  answerUndo(granted: boolean): void
  toggleDead(vertex: number): void
  accept(): void
  resume(): void
  claimTime(): void
  offerRematch(): void
  joinRematch(): void
  /** Gives the finished game to the relay's archive, in the clear. */
  publish(): void
  rename(name: string): void
  clockOf(seat: GoSeat, now: number): ClockFace | null
  /** The game as SGF text, and a file name for it; null while nothing is known of it. */
  sgf(): { readonly text: string; readonly fileName: string } | null
}

/** The other seat. */
export function otherSeat(seat: GoSeat): GoSeat {
  return seat === 0 ? 1 : 0
}

/** The colour that sits at a seat. */
export function seatColor(seat: GoSeat): 'black' | 'white' {
  return seat === 0 ? 'black' : 'white'
}
