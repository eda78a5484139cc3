import { readFileSync } from 'node:fs'

import { type GoState, formatVertex, parseSgf, sgfToGame } from '@tsugi/go'

/** A game between people, as the page is to play it. */
export interface RealGame {
  readonly size: number
  /** Points like `D4`, or `pass`, Black first, in turn. */
  readonly moves: readonly string[]
  /** The board after each move, as the page writes it into `data-position`. */
  readonly positions: readonly string[]
  readonly states: readonly GoState[]
}

/** Reads `e2e/records/<name>.sgf`. */
export function readRealGame(name: string): RealGame {
  const parsed = parseSgf(readFileSync(new URL(`../records/${name}.sgf`, import.meta.url), 'utf8'))
  if (!parsed.ok) throw new Error(`${name}.sgf: ${parsed.error.message}`)
  const replayed = sgfToGame(parsed.value[0]!)
  if (!replayed.ok) throw new Error(`${name}.sgf: ${replayed.code} at node ${replayed.node}`)
  const { setup, moves, states } = replayed.value
  return {
    size: setup.size,
    moves: moves.map(({ vertex }) => (vertex === null ? 'pass' : formatVertex(vertex, setup.size))),
    positions: states.slice(1).map(state => Array.from(state.board, stone => '.XO'[stone]).join('')),
    states,
  }
}
