import { GoError } from '../codes.ts'
import { opponentOf, type Color } from '../color.ts'
import { handicapPoints } from '../handicap.ts'
import { rulesets } from '../ruleset.ts'
import type { GoSetup } from '../setup.ts'
import { gameInfoToSgf, type GameInfo } from './game-info.ts'
import { formatSgfPoint, formatSgfPoints } from './points.ts'
import { escapeSgf } from './text.ts'
import type { SgfNode, SgfTree } from './tree.ts'

/** One move of a record. */
export interface RecordMove {
  /** Where the stone was played, or null for a pass. */
  readonly vertex: number | null
  /** Who played it; without it, the opponent of who played before. */
  readonly color?: Color
  /** Text about the move, of one or more lines. */
  readonly comment?: string
  /** Time that the player had left after the move. */
  readonly secondsLeft?: number
}

/** Moves that were played or thought of instead of the main line's, such as those that were undone. */
export interface RecordVariation {
  /** How many moves of the main line come before it. */
  readonly after: number
  readonly moves: readonly RecordMove[]
}

/** A game to write down. */
export interface GameRecord {
  readonly setup: GoSetup
  readonly moves: readonly RecordMove[]
  /** The result as `formatResult` writes it: `B+3.5`. */
  readonly result?: string
  readonly info?: GameInfo
  readonly variations?: readonly RecordVariation[]
}

/**
 * Makes the game tree of a record, to be written with `writeSgf([tree])`: rules, komi, handicap stones, moves, variations. It checks
 * no rules: what was played is written.
 *
 * @throws GoError `go/bad-argument` for a vertex that is not on the board, or a variation after a move that does not exist
 */
export function gameToSgf(record: GameRecord): SgfTree {
  const { setup, moves, result, info = {}, variations = [] } = record
  const { size, komi, handicap, ruleset } = setup
  const stones = handicapPoints(size, handicap) ?? []
  const root: SgfNode = {
    GM: ['1'],
    FF: ['4'],
    CA: ['UTF-8'],
    SZ: [String(size)],
    RU: [rulesets[ruleset].sgfName],
    KM: [String(komi)],
    ...(stones.length > 0 && { HA: [String(handicap)], AB: formatSgfPoints(stones, size) }),
    ...gameInfoToSgf({ application: 'Tsugi', ...info }),
    ...(result && { RE: [escapeSgf(result)] }),
  }
  const first: Color = handicap > 0 ? 'white' : 'black'
  const colors = colorsOf(moves, first)
  const line = nodesOf(moves, colors, size)

  // Where lines part, a tree ends and its variations begin. Built from the end, so that the rest of the main line is at hand.
  const branches = new Map<number, SgfTree[]>()
  for (const { after, moves: others } of variations) {
    if (!Number.isInteger(after) || after < 0 || after > moves.length) {
      throw new GoError('go/bad-argument', `A variation stands after move ${after} of ${moves.length}.`)
    }
    const before = colors[after - 1]
    const nodes = nodesOf(others, colorsOf(others, before ? opponentOf(before) : first), size)
    if (nodes.length > 0) branches.set(after, [...(branches.get(after) ?? []), { nodes, variations: [] }])
  }
  let rest: SgfTree | null = null
  let end = moves.length
  for (const after of [...branches.keys()].sort((a, b) => b - a)) {
    const nodes = line.slice(after, end)
    const others = branches.get(after) ?? []
    if (nodes.length > 0) rest = { nodes, variations: rest ? followers(rest) : [] }
    rest = { nodes: [], variations: rest ? [...followers(rest), ...others] : others }
    end = after
  }
  return { nodes: [root, ...line.slice(0, end)], variations: rest ? followers(rest) : [] }
}

/** A tree without nodes stands for its variations. */
function followers(tree: SgfTree): readonly SgfTree[] {
  return tree.nodes.length > 0 ? [tree] : tree.variations
}

function colorsOf(moves: readonly RecordMove[], first: Color): Color[] {
  let next = first
  return moves.map(move => {
    const color = move.color ?? next
    next = opponentOf(color)
    return color
  })
}

function nodesOf(moves: readonly RecordMove[], colors: readonly Color[], size: number): SgfNode[] {
  return moves.map(({ vertex, comment, secondsLeft }, index) => {
    const letter = colors[index] === 'white' ? 'W' : 'B'
    return {
      [letter]: [formatSgfPoint(vertex, size)],
      ...(secondsLeft !== undefined && { [`${letter}L`]: [String(Math.round(secondsLeft * 1000) / 1000)] }),
      ...(comment && { C: [escapeSgf(comment)] }),
    }
  })
}
