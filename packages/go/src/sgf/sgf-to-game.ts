import type { Board } from '../board.ts'
import type { GoCode, SgfCode } from '../codes.ts'
import { BLACK, EMPTY, WHITE, type Color } from '../color.ts'
import { maxHandicap } from '../handicap.ts'
import { giveTurn, passTurn, playMove, resumePlay } from '../play.ts'
import type { RulesetName } from '../ruleset.ts'
import { MAX_KOMI, defaultKomi, type GoSetup } from '../setup.ts'
import { placePosition, startGame, type GoState } from '../state.ts'
import { isBoardSize } from '../vertex.ts'
import { sgfToGameInfo, type GameInfo } from './game-info.ts'
import type { RecordMove } from './game-to-sgf.ts'
import { parseSgfMove, sgfPoints } from './points.ts'
import { sgfSimpleText, sgfText } from './text.ts'
import { mainLine, type SgfNode, type SgfTree } from './tree.ts'

/** A record that was played through. */
export interface ReplayedGame {
  readonly setup: GoSetup
  readonly moves: readonly RecordMove[]
  /** The state before the first move, then the one after each move. */
  readonly states: readonly GoState[]
  /** The result as the record gives it; `parseResult` reads it. */
  readonly result: string | null
  readonly info: GameInfo
}

/** A record that was played through, or why and at which node of its main line (from 0) it cannot be. */
export type Replayed =
  | { readonly ok: true; readonly value: ReplayedGame }
  | { readonly ok: false; readonly code: SgfCode; readonly node: number; readonly refusal?: GoCode }

/**
 * Plays the main line of a record through: setup stones (`AB`, `AW`, `AE`, also in the middle), the turn (`PL`), moves and passes.
 * A player may move twice in a row, and go on after two passes, as records do. Rules that are not named or not known are read as
 * Japanese; komi is rounded to half points; numbers out of bounds are read as if they were absent.
 */
export function sgfToGame(tree: SgfTree): Replayed {
  const nodes = mainLine(tree)
  const root = nodes[0] ?? {}
  if ((root['GM']?.[0] ?? '1').trim() !== '1') return { ok: false, code: 'sgf/not-go', node: 0 }
  const size = readSize(root)
  if (size === null) return { ok: false, code: 'sgf/bad-size', node: 0 }
  const setup = readSetup(root, size)

  const moves: RecordMove[] = []
  let state = startGame(
    { ...setup, handicap: 0 },
    { board: new Uint8Array(size * size), toPlay: firstToPlay(nodes, setup) },
  )
  state = { ...state, setup }
  let states: GoState[] = [state]
  for (const [index, node] of nodes.entries()) {
    const placed = placeStones(state, node)
    if (!placed.ok) return { ok: false, code: placed.code, node: index }
    if (placed.state !== state) {
      state = placed.state
      // Stones that are set do not count as a move: the state that they change is the one after the last move.
      states = [...states.slice(0, -1), state]
    }
    for (const [name, color] of sides) {
      const value = node[name]?.[0]
      if (value === undefined) continue
      const move = parseSgfMove(value, size)
      if (!move.ok) return { ok: false, code: move.code, node: index }
      const played = replay(state, color, move.value)
      if (!played.ok) return { ok: false, code: 'sgf/bad-move', node: index, refusal: played.code }
      state = played.value
      states.push(state)
      moves.push({ vertex: move.value, color, ...commentOf(node) })
    }
  }
  const result = root['RE']?.[0]
  return {
    ok: true,
    value: {
      setup,
      moves,
      states,
      result: result === undefined ? null : sgfSimpleText(result),
      info: sgfToGameInfo(root),
    },
  }
}

const sides: readonly (readonly ['B' | 'W', Color])[] = [
  ['B', 'black'],
  ['W', 'white'],
]

const setters = [
  ['AB', BLACK],
  ['AW', WHITE],
  ['AE', EMPTY],
] as const

function replay(state: GoState, color: Color, vertex: number | null) {
  const resumed = resumePlay(state)
  const ready = giveTurn(resumed.ok ? resumed.value : state, color)
  if (vertex === null) return passTurn(ready)
  const played = playMove(ready, vertex)
  return played.ok ? { ok: true as const, value: played.value.state } : played
}

function placeStones(state: GoState, node: SgfNode): { ok: true; state: GoState } | { ok: false; code: SgfCode } {
  let board: Uint8Array | null = null
  for (const [name, content] of setters) {
    const values = node[name]
    if (!values) continue
    const points = sgfPoints(values, state.setup.size)
    if (!points.ok) return points
    board ??= Uint8Array.from(state.board)
    for (const point of points.value) board[point] = content
  }
  const toPlay = readColor(node) ?? state.toPlay
  if (!board) return { ok: true, state: giveTurn(state, toPlay) }
  const after: Board = board
  return { ok: true, state: placePosition(state, { board: after, toPlay }) }
}

function readColor(node: SgfNode): Color | null {
  const color = node['PL']?.[0]?.trim().toLowerCase()
  if (color === 'b' || color === 'black') return 'black'
  return color === 'w' || color === 'white' ? 'white' : null
}

/** Who moves first: as the record says, else as its first move shows, else by the handicap. */
function firstToPlay(nodes: readonly SgfNode[], setup: GoSetup): Color {
  for (const node of nodes) {
    const color = readColor(node) ?? (node['B'] ? 'black' : node['W'] ? 'white' : null)
    if (color) return color
  }
  return setup.handicap > 0 ? 'white' : 'black'
}

function readSize(root: SgfNode): number | null {
  const written = root['SZ']?.[0]?.trim() ?? '19'
  const match = /^([0-9]{1,2})(?::([0-9]{1,2}))?$/.exec(written)
  const size = Number(match?.[1])
  return match && isBoardSize(size) && Number(match[2] ?? size) === size ? size : null
}

function readSetup(root: SgfNode, size: number): GoSetup {
  const ruleset = readRuleset(sgfSimpleText(root['RU']?.[0] ?? ''))
  const stones = readNumber(root['HA']?.[0])
  const isHandicap = stones !== null && Number.isInteger(stones) && stones >= 2 && stones <= maxHandicap(size)
  const handicap = isHandicap ? stones : 0
  const komi = readNumber(root['KM']?.[0])
  const isKomi = komi !== null && Math.abs(komi) <= MAX_KOMI
  return { size, ruleset, handicap, komi: isKomi ? Math.round(komi * 2) / 2 + 0 : defaultKomi(ruleset, handicap) }
}

function readNumber(text: string | undefined): number | null {
  return text !== undefined && /^\s*[+-]?[0-9]{1,4}(?:\.[0-9]{0,6})?\s*$/.test(text) ? Number(text) : null
}

function readRuleset(text: string): RulesetName {
  const name = text.toLowerCase()
  if (name.includes('chinese') || name === 'cn') return 'chinese'
  if (name.includes('aga') || name.includes('american')) return 'aga'
  return name.includes('zealand') || name.trim() === 'nz' ? 'new-zealand' : 'japanese'
}

function commentOf(node: SgfNode): { comment?: string } {
  const comment = node['C']?.[0]
  return comment === undefined ? {} : { comment: sgfText(comment) }
}
