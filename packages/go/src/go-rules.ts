import type { GoCode, Result } from './codes.ts'
import { colorOfSeat, opponentOf, seatOfColor, type Color } from './color.ts'
import { guessDeadStones, parseDeadStones } from './dead-stones.ts'
import { passTurn, playMove, resumePlay } from './play.ts'
import { formatResult } from './result-text.ts'
import { scoreGame } from './score.ts'
import { parseSetup, type GoSetup } from './setup.ts'
import { startGame, type GoState } from './state.ts'
import { isVertex } from './vertex.ts'

/** How a game of Go ended, in the words of a match: seats and points by seat. */
export interface GoOutcome {
  readonly winner: 0 | 1 | null
  readonly text: string
  readonly by: 'score' | 'resignation' | 'time'
  readonly scores?: readonly [black: number, white: number]
}

/**
 * Go as the rules of a match between two seats: it has the shape of `Rules` in `@tsugi/match` and imports nothing of it. A setup
 * travels with komi in half points ({@link parseSetup}), a move is a vertex, and what the players agree on when both passed is a
 * list of dead stones ({@link parseDeadStones}).
 */
export const goRules = {
  id: 'go',
  seats: 2,

  parseSetup: (value: unknown): Result<GoSetup> => parseSetup(value),

  start: (setup: GoSetup): GoState => startGame(setup),

  parseMove(state: GoState, value: unknown): Result<number> {
    if (typeof value !== 'number' || !Number.isInteger(value) || Object.is(value, -0)) return refuse('go/bad-move')
    return isVertex(value, state.setup.size) ? { ok: true, value } : refuse('go/out-of-board')
  },

  turn: (state: GoState): 0 | 1 | null => (state.phase === 'playing' ? seatOfColor(state.toPlay) : null),

  play(state: GoState, seat: number, move: number): Result<GoState> {
    if (state.phase !== 'playing') return refuse('go/not-playing')
    if (seat !== seatOfColor(state.toPlay)) return refuse('go/not-your-turn')
    const played = playMove(state, move)
    return played.ok ? { ok: true, value: played.value.state } : played
  },

  pass(state: GoState, seat: number): Result<GoState> {
    if (state.phase !== 'playing') return refuse('go/not-playing')
    return seat === seatOfColor(state.toPlay) ? passTurn(state) : refuse('go/not-your-turn')
  },

  phase(state: GoState): 'playing' | 'settling' | 'over' {
    if (state.phase === 'playing') return 'playing'
    return state.phase === 'stopped' ? 'settling' : 'over'
  },

  outcome: (state: GoState): GoOutcome | null =>
    state.resignedBy === null ? null : lost(seatOfColor(state.resignedBy), 'resignation'),

  parseProposal: (state: GoState, value: unknown): Result<number[]> => parseDeadStones(state, value),

  firstProposal: (state: GoState): number[] => guessDeadStones(state),

  settle(state: GoState, deadStones: readonly number[]): GoOutcome {
    const { winner, text, black, white } = scoreGame(state, deadStones)
    return { winner: winner === null ? null : seatOfColor(winner), text, by: 'score', scores: [black, white] }
  },

  /** Goes on with the player whose turn it is. A state that is not stopped stays as it is. */
  resume(state: GoState): GoState {
    const resumed = resumePlay(state)
    return resumed.ok ? resumed.value : state
  },

  resignation: (_state: GoState, seat: number): GoOutcome => lost(seat, 'resignation'),

  timeout: (_state: GoState, seat: number): GoOutcome => lost(seat, 'time'),

  /** Board, turn, prisoners and passes: everything that a score depends on, together with the setup. */
  digest(state: GoState): Uint8Array {
    const { board, captures, passes, setup, toPlay } = state
    const head = [setup.size, seatOfColor(toPlay)]
    for (const count of [captures.black, captures.white, passes.black, passes.white]) {
      head.push((count >>> 24) & 0xff, (count >>> 16) & 0xff, (count >>> 8) & 0xff, count & 0xff)
    }
    return Uint8Array.from([...head, ...board])
  },
} as const

function lost(seat: number, by: 'resignation' | 'time'): GoOutcome {
  const winner: Color = opponentOf(colorOfSeat(seat === 0 ? 0 : 1))
  return { winner: seatOfColor(winner), text: formatResult({ by, winner }), by }
}

function refuse(code: GoCode): { ok: false; code: GoCode } {
  return { ok: false, code }
}
