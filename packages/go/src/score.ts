import { regionsOf, type Board } from './board.ts'
import { GoError } from './codes.ts'
import { BLACK, EMPTY, WHITE, opponentOf, type Color } from './color.ts'
import { formatResult } from './result-text.ts'
import { rulesets } from './ruleset.ts'
import { findSeki } from './seki.ts'
import type { GoState } from './state.ts'
import { findTeire } from './teire.ts'

/** What one player's score is made of. Fields that the way of counting does not use are 0. */
export interface SideScore {
  /** Empty points surrounded, those under dead stones of the opponent included. */
  readonly territory: number
  /** Living stones on the board; counted by area only. */
  readonly stones: number
  /** Stones taken during the game, dead ones taken off now, and stones handed over for passes; counted by territory only. */
  readonly prisoners: number
  readonly komi: number
  /** Points for the opponent's handicap stones. */
  readonly handicap: number
  readonly total: number
}

/** Who owns each point of a counted board: 0 nobody, 1 Black, 2 White. */
export type OwnerMap = Readonly<Uint8Array>

/** A counted game. */
export interface Score {
  readonly black: number
  readonly white: number
  /** Null for a draw. */
  readonly winner: Color | null
  /** Points by which the winner is ahead; 0 for a draw. */
  readonly margin: number
  /** The result as SGF writes it: `B+3.5`, or `0` for a draw. */
  readonly text: string
  /** The owner of each point: territory, and the living stones too where area is counted. */
  readonly owner: OwnerMap
  readonly details: {
    readonly scoring: 'area' | 'territory'
    readonly black: SideScore
    readonly white: SideScore
    /** Empty points that nobody owns, seki left aside. */
    readonly dame: readonly number[]
    /** Surrounded points that do not count because the stones around them live in seki (territory only). */
    readonly seki: readonly number[]
    /** Surrounded points that do not count because their owner has to fill them (territory only). */
    readonly teire: readonly number[]
  }
}

/** What a board is worth, before prisoners, komi and handicap. */
export interface BoardCount {
  readonly owner: OwnerMap
  readonly territory: { readonly black: number; readonly white: number }
  readonly stones: { readonly black: number; readonly white: number }
  readonly dame: readonly number[]
  readonly seki: readonly number[]
  readonly teire: readonly number[]
}

/** A copy of a board without its dead stones. */
export function withoutDead(board: Board, dead: Iterable<number>): Uint8Array {
  const clean = Uint8Array.from(board)
  for (const vertex of dead) clean[vertex] = EMPTY
  return clean
}

/**
 * Counts area: living stones and the empty points that only one colour surrounds. Points that both touch are nobody's.
 *
 * @param board the board without dead stones, see {@link withoutDead}
 */
export function scoreArea(board: Board, size: number): BoardCount {
  return countBoard(board, size, true, [], [])
}

/**
 * Counts territory: empty points that only one colour surrounds, but none in seki (see `findSeki` for what is taken for one) and
 * none that its owner has to fill (see `findTeire`). Fill the neutral points first, or let them be: they count for nobody.
 *
 * @param board the board without dead stones, see {@link withoutDead}
 * @param countsAll whether points in seki and points to be filled count all the same, as AGA rules have it
 */
export function scoreTerritory(board: Board, size: number, countsAll = false): BoardCount {
  if (countsAll) return countBoard(board, size, false, [], [])
  const seki = findSeki(board, size)
  const isInSeki = new Set(seki)
  const teire = findTeire(board, size).filter(point => !isInSeki.has(point))
  return countBoard(board, size, false, seki, teire)
}

function countBoard(
  board: Board,
  size: number,
  ownsStones: boolean,
  seki: readonly number[],
  teire: readonly number[],
): BoardCount {
  const owner = ownsStones ? Uint8Array.from(board) : new Uint8Array(board.length)
  const territory = { black: 0, white: 0 }
  const stones = { black: 0, white: 0 }
  const dame: number[] = []
  const left = new Set([...seki, ...teire])
  for (const content of board) {
    if (content === BLACK) stones.black++
    else if (content === WHITE) stones.white++
  }
  for (const { points, touchesBlack, touchesWhite } of regionsOf(board, size)) {
    if (touchesBlack === touchesWhite) dame.push(...points)
    else {
      for (const point of points) {
        if (left.has(point)) continue
        owner[point] = touchesBlack ? BLACK : WHITE
        territory[touchesBlack ? 'black' : 'white']++
      }
    }
  }
  return { owner, territory, stones, dame: dame.sort((a, b) => a - b), seki, teire }
}

/**
 * Counts a game by its rule set, with the given stones taken for dead. Can be asked at any time; what it answers before both
 * players passed is the score if the board stayed as it is.
 *
 * @param deadStones vertices of the stones that both players agree are dead
 * @param scoring the way of counting, where a rule set leaves the choice: AGA rules count area here unless told otherwise, and
 *   give the same margin by territory, with a stone handed over for each pass and White passing last
 * @throws GoError `go/not-a-stone` when a dead stone is no stone, `go/bad-argument` when the rule set does not count so
 */
export function scoreGame(
  state: GoState,
  deadStones: Iterable<number>,
  scoring: 'area' | 'territory' = rulesets[state.setup.ruleset].scoring,
): Score {
  const { size, komi, handicap } = state.setup
  const ruleset = rulesets[state.setup.ruleset]
  if (scoring !== ruleset.scoring && !ruleset.passStones) {
    throw new GoError('go/bad-argument', `${ruleset.sgfName} rules do not count ${scoring}.`)
  }
  const dead = new Set(deadStones)
  const deadOf = countDead(state.board, dead)
  const board = withoutDead(state.board, dead)
  const isArea = scoring === 'area'
  const count = isArea ? scoreArea(board, size) : scoreTerritory(board, size, ruleset.countsAllTerritory)

  const side = (color: Color, komiPoints: number, forHandicap: number): SideScore => {
    const opponent = opponentOf(color)
    const territory = count.territory[color]
    const stones = isArea ? count.stones[color] : 0
    const handedOver = ruleset.passStones ? passStonesOf(state, opponent) : 0
    const prisoners = isArea ? 0 : state.captures[color] + deadOf[opponent] + handedOver
    const total = territory + stones + prisoners + komiPoints + forHandicap
    return { territory, stones, prisoners, komi: komiPoints, handicap: forHandicap, total }
  }
  const black = side('black', 0, 0)
  const white = side('white', komi, isArea ? ruleset.handicapPoints(handicap) : 0)
  const margin = Math.abs(black.total - white.total)
  const winner = margin === 0 ? null : black.total > white.total ? 'black' : 'white'
  return {
    black: black.total,
    white: white.total,
    winner,
    margin,
    text: formatResult({ by: 'score', winner, margin }),
    owner: count.owner,
    details: { scoring, black, white, dame: count.dame, seki: count.seki, teire: count.teire },
  }
}

function countDead(board: Board, dead: Iterable<number>): { black: number; white: number } {
  const count = { black: 0, white: 0 }
  for (const vertex of dead) {
    const content = board[vertex]
    if (content !== BLACK && content !== WHITE) throw new GoError('go/not-a-stone', `Vertex ${vertex}.`)
    count[content === BLACK ? 'black' : 'white']++
  }
  return count
}

/** Stones that a player handed over by passing. Where Black passed last, White owes one more pass (AGA rule 10). */
function passStonesOf(state: GoState, color: Color): number {
  const owesPass = color === 'white' && state.phase === 'stopped' && state.toPlay === 'white'
  return state.passes[color] + (owesPass ? 1 : 0)
}
