import { chainAt, placeStone, type Board } from './board.ts'
import type { GoCode, Result } from './codes.ts'
import { EMPTY, opponentOf, stoneOf, type Color } from './color.ts'
import { hashBoard, isRepeated } from './position.ts'
import { rulesets } from './ruleset.ts'
import type { GoState } from './state.ts'
import { isVertex } from './vertex.ts'

/** The state after a stone, and the stones that it took off the board (the player's own, after suicide). */
export interface Played {
  readonly state: GoState
  readonly captured: readonly number[]
}

/**
 * Plays a stone for the player whose turn it is.
 *
 * Refusals: `go/not-playing`, `go/out-of-board`, `go/occupied`, `go/suicide`, `go/ko`, `go/superko`.
 */
export function playMove(state: GoState, vertex: number): Result<Played> {
  const { size, ruleset } = state.setup
  const { koRule, allowsSuicide } = rulesets[ruleset]
  if (state.phase !== 'playing') return refuse('go/not-playing')
  if (!isVertex(vertex, size)) return refuse('go/out-of-board')
  if (state.board[vertex] !== EMPTY) return refuse('go/occupied')
  // Where superko rules, retaking a ko at once is one of its cases; this code tells the player more plainly.
  if (vertex === state.ko) return refuse('go/ko')

  const color = state.toPlay
  const opponent = opponentOf(color)
  const { board, captured, selfCaptured } = placeStone(state.board, size, vertex, stoneOf(color))
  if (selfCaptured.length > 0 && !allowsSuicide) return refuse('go/suicide')
  if (isRepeated(state.history, koRule, board, opponent)) return refuse('go/superko')

  const captures = {
    ...state.captures,
    [color]: state.captures[color] + captured.length,
    [opponent]: state.captures[opponent] + selfCaptured.length,
  }
  return {
    ok: true,
    value: {
      captured: captured.length > 0 ? captured : selfCaptured,
      state: {
        ...state,
        board,
        toPlay: opponent,
        moveNumber: state.moveNumber + 1,
        lastMove: vertex,
        captures,
        consecutivePasses: 0,
        ko: koAfter(board, size, vertex, captured),
        history: { board, toPlay: opponent, hash: hashBoard(board), previous: state.history },
      },
    },
  }
}

/** A ko arises where one stone was taken and the stone that took it could be taken back, alone, at that very point. */
function koAfter(board: Board, size: number, vertex: number, captured: readonly number[]): number | null {
  if (captured.length !== 1) return null
  const chain = chainAt(board, size, vertex)
  return chain && chain.stones.length === 1 && chain.liberties.length === 1 ? (captured[0] ?? null) : null
}

/** Passes for the player whose turn it is; the second pass in a row stops the game. Refusal: `go/not-playing`. */
export function passTurn(state: GoState): Result<GoState> {
  if (state.phase !== 'playing') return refuse('go/not-playing')
  const color = state.toPlay
  const toPlay = opponentOf(color)
  const { board, hash } = state.history
  return {
    ok: true,
    value: {
      ...state,
      phase: state.consecutivePasses > 0 ? 'stopped' : 'playing',
      toPlay,
      moveNumber: state.moveNumber + 1,
      lastMove: 'pass',
      passes: { ...state.passes, [color]: state.passes[color] + 1 },
      consecutivePasses: state.consecutivePasses + 1,
      ko: null,
      history: { board, toPlay, hash, previous: state.history },
    },
  }
}

/**
 * Goes on playing after the game was stopped. Who moves first follows the rule set: the player whose turn it is, or, under
 * Japanese rules, the opponent of who asked (article 9.3). Refusal: `go/not-stopped`.
 *
 * @param requestedBy who asks to go on; without it, the player whose turn it is moves first
 */
export function resumePlay(state: GoState, requestedBy?: Color): Result<GoState> {
  if (state.phase !== 'stopped') return refuse('go/not-stopped')
  const byRequest = rulesets[state.setup.ruleset].resumesWith === 'opponent-of-requester' && requestedBy !== undefined
  const resumed: GoState = { ...state, phase: 'playing', consecutivePasses: 0 }
  return { ok: true, value: byRequest ? giveTurn(resumed, opponentOf(requestedBy)) : resumed }
}

/** The same position with a given colour to move, as records and problems sometimes want it. The ko is lifted. */
export function giveTurn(state: GoState, toPlay: Color): GoState {
  if (state.toPlay === toPlay) return state
  const { board, hash } = state.history
  return { ...state, toPlay, ko: null, history: { board, toPlay, hash, previous: state.history } }
}

/** Gives the game up, at any time before it is given up. Refusal: `go/not-playing`. */
export function resignGame(state: GoState, color: Color): Result<GoState> {
  if (state.phase === 'resigned') return refuse('go/not-playing')
  return { ok: true, value: { ...state, phase: 'resigned', resignedBy: color } }
}

/** Whether the player whose turn it is may play there. */
export function isLegal(state: GoState, vertex: number): boolean {
  return playMove(state, vertex).ok
}

/** All vertices where the player whose turn it is may play, in ascending order. Passing is always allowed as well. */
export function legalMoves(state: GoState): number[] {
  const legal: number[] = []
  if (state.phase !== 'playing') return legal
  for (let vertex = 0; vertex < state.board.length; vertex++) if (isLegal(state, vertex)) legal.push(vertex)
  return legal
}

/** The point where a ko cannot be retaken at once, to mark it on the board, or null. */
export function koPoint(state: GoState): number | null {
  return state.ko
}

/**
 * Whether this position stood before with the same player to move. Where the ko rule is `simple` that is allowed, as in
 * triple ko, and the players may agree that the game has no result (Japanese rules, article 12).
 */
export function isRepetition(state: GoState): boolean {
  const { previous } = state.history
  return (
    previous !== null && state.lastMove !== 'pass' && isRepeated(previous, 'situational', state.board, state.toPlay)
  )
}

function refuse(code: GoCode): { ok: false; code: GoCode } {
  return { ok: false, code }
}
