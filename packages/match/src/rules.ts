/** A place at the table, counted from 0. In Go 0 is black and 1 is white. */
export type Seat = number

/** How a game ended. */
export interface Outcome {
  /** The winning seat; null for a draw or a game without result. */
  readonly winner: Seat | null
  /** The result as the game's players write it: `B+3.5`, `W+R`, `W+T`, `Void`. */
  readonly text: string
  readonly by: 'score' | 'resignation' | 'time' | 'rules'
  /** Points by seat, where the rules count points. */
  readonly scores?: readonly number[]
}

/** What a rules function answers about input that a stranger may have written. `code` is the rules' own, such as `go/occupied`. */
export type RulesResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: string; readonly detail?: string }

/** Where a game stands: moves are played, a proposal about the result must be agreed, or it is over. */
export type RulesPhase = 'playing' | 'settling' | 'over'

/**
 * The port through which a turn-based game plugs in. Every function is pure and deterministic, and no state is ever changed in
 * place: the match keeps a state for each ply. A function whose name starts with `parse` is handed decoded DAG-CBOR from a
 * stranger and must answer every value of any shape without throwing.
 *
 * @typeParam Setup - what a game starts from: board size, komi, variant
 * @typeParam State - a position with whatever history the rules need (ko, captures)
 * @typeParam Move - one move, as the rules hold it; on the wire it is any DAG-CBOR value that `parseMove` reads
 * @typeParam Proposal - what the players must agree on when play has stopped (Go: the dead stones); on the wire likewise
 */
export interface Rules<Setup = unknown, State = unknown, Move = unknown, Proposal = unknown> {
  /** Names the rules in a genesis record: `go`. 1 to 32 of `a-z 0-9 -`. */
  readonly id: string
  /** How many seats there are; at most `gameSeats`. */
  readonly seats: number

  parseSetup(value: unknown): RulesResult<Setup>
  /** The state before the first move. */
  start(setup: Setup): State
  parseMove(state: State, value: unknown): RulesResult<Move>
  /** Whose turn it is, or null when nobody may move (settling or over). */
  turn(state: State): Seat | null
  play(state: State, seat: Seat, move: Move): RulesResult<State>
  /** Passes; games without passing answer a code. */
  pass(state: State, seat: Seat): RulesResult<State>
  phase(state: State): RulesPhase
  /** The result, when the rules themselves ended the game (`phase` is `over`); else null. */
  outcome(state: State): Outcome | null

  /** Reads a proposal; only its canonical form is accepted (Go: sorted, unique vertices, whole groups). */
  parseProposal(state: State, value: unknown): RulesResult<Proposal>
  /** A first guess to start the talk from. */
  firstProposal(state: State): Proposal
  /** What would result if everybody accepted the proposal. */
  settle(state: State, proposal: Proposal): Outcome
  /** Back to playing, when the players could not agree. */
  resume(state: State): State
  resignation(state: State, seat: Seat): Outcome
  timeout(state: State, seat: Seat): Outcome

  /** Bytes that identify the position (board, turn, captures): what all sign when they accept a result. At most 4 KiB. */
  digest(state: State): Uint8Array
}
