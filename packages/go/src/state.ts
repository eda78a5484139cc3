import { createBoard, type Board } from './board.ts'
import { GoError } from './codes.ts'
import { BLACK, type Color } from './color.ts'
import { handicapPoints } from './handicap.ts'
import { hashBoard, type Position } from './position.ts'
import { parseSetup, type GoSetup } from './setup.ts'

/** A number for each colour. */
export interface ByColor {
  readonly black: number
  readonly white: number
}

/**
 * A game at one moment. Plain data, never changed once made: each move makes a new one that shares what stayed the same.
 *
 * Phases: `playing` until two passes in a row, `stopped` while the players agree on dead stones (and may resume),
 * `resigned` once a player gave up.
 */
export interface GoState {
  readonly setup: GoSetup
  readonly phase: 'playing' | 'stopped' | 'resigned'
  readonly board: Board
  /** Whose turn it is, also while the game is stopped. */
  readonly toPlay: Color
  /** Moves and passes so far. */
  readonly moveNumber: number
  /** The vertex of the last stone, `pass`, or null before the first move. */
  readonly lastMove: number | 'pass' | null
  /** Stones that each colour has taken, suicides of the opponent included. */
  readonly captures: ByColor
  /** Passes of each colour in the whole game. */
  readonly passes: ByColor
  /** Passes in a row up to now. */
  readonly consecutivePasses: number
  /** The point where a ko cannot be retaken at once, or null. */
  readonly ko: number | null
  /** Who gave up, in phase `resigned`. */
  readonly resignedBy: Color | null
  /** This position and all before it, for superko. */
  readonly history: Position
}

/** A position to start from instead of the empty board with its handicap stones. */
export interface StartingPosition {
  readonly board: Board
  readonly toPlay: Color
}

/**
 * The state before the first move: handicap stones stand, and then White moves first.
 *
 * @param from another position to start from, for problems and records with setup stones
 * @throws GoError with the code of {@link parseSetup} when the setup is not sound, `go/bad-argument` when the board's
 *   length is not that of the setup's size
 */
export function startGame(setup: GoSetup, from?: StartingPosition): GoState {
  const parsed = parseSetup(setup)
  if (!parsed.ok) throw new GoError(parsed.code)
  const { size, handicap } = parsed.value
  const board = from ? Uint8Array.from(from.board) : createBoard(size)
  if (board.length !== size * size || board.some(content => content > 2)) {
    throw new GoError('go/bad-argument', `A board of ${size} lines has ${size * size} points of 0, 1 or 2.`)
  }
  if (!from) for (const vertex of handicapPoints(size, handicap) ?? []) board[vertex] = BLACK
  const toPlay = from?.toPlay ?? (handicap > 0 ? 'white' : 'black')
  return {
    setup: parsed.value,
    phase: 'playing',
    board,
    toPlay,
    moveNumber: 0,
    lastMove: null,
    captures: { black: 0, white: 0 },
    passes: { black: 0, white: 0 },
    consecutivePasses: 0,
    ko: null,
    resignedBy: null,
    history: { board, toPlay, hash: hashBoard(board), previous: null },
  }
}

/**
 * The game with another position on the board, as a record sets one up in its middle. Prisoners and move numbers stay, the ko
 * is lifted.
 *
 * @throws GoError `go/bad-argument` when the board does not fit the setup
 */
export function placePosition(state: GoState, { board: given, toPlay }: StartingPosition): GoState {
  const board = Uint8Array.from(given)
  if (board.length !== state.board.length || board.some(content => content > 2)) {
    throw new GoError('go/bad-argument', `A board here has ${state.board.length} points of 0, 1 or 2.`)
  }
  return {
    ...state,
    board,
    toPlay,
    ko: null,
    history: { board, toPlay, hash: hashBoard(board), previous: state.history },
  }
}
