import { decodeCanonical, encodeCanonical } from '@tsugi/protocol'

import type { VerifiedGame } from './verified-game.ts'

/** A published game, without its records. */
export interface ArchivedGame {
  /** The match id. */
  readonly id: string
  readonly app: string
  readonly rules: string
  /** Names by seat; empty for a player without one. */
  readonly players: readonly string[]
  /** As the game's players write it: `B+3.5`. */
  readonly result: string
  readonly moves: number
  readonly startedAtMs: number
  readonly endedAtMs: number
  /** When it was published here. */
  readonly archivedAtMs: number
  /** How many records it has, and how many bytes they have. */
  readonly records: number
  readonly bytes: number
  /** Whether it is kept in SGF too, as games of Go are. */
  readonly hasSgf: boolean
}

/** A published game with everything that is kept of it. */
export interface ArchivedChain extends ArchivedGame {
  /** The signed records, parents first. */
  readonly chain: readonly Uint8Array[]
  readonly sgf: string | null
}

/** What stands beside a game's records on disk. */
const maxHeaderBytes = 16 * 1_024

/** What is kept of a game that has been checked. */
export function archivedGameOf(game: VerifiedGame, now: number): ArchivedGame {
  const { match, app, rules, players, result, moves, startedAtMs, endedAtMs, records } = game
  const bytes = records.reduce((sum, each) => sum + each.length, 0)
  const said = { app, rules, players: [...players], result, moves, startedAtMs, endedAtMs }
  return { id: match, ...said, archivedAtMs: now, records: records.length, bytes, hasSgf: game.sgf !== undefined }
}

/** Writes a game's header. */
export function encodeArchivedGame(game: ArchivedGame): Uint8Array {
  return encodeCanonical({ v: 1, ...game })
}

/** Reads a header from disk; `undefined` when it is damaged. */
export function decodeArchivedGame(id: string, bytes: Uint8Array): ArchivedGame | undefined {
  const decoded = decodeCanonical(bytes, maxHeaderBytes)
  if (!decoded.ok || typeof decoded.value !== 'object' || decoded.value === null) return undefined
  const { v, ...game } = decoded.value as Record<string, unknown>
  const { players } = game
  // Before this was written, every game was one of Go.
  game['hasSgf'] ??= true
  const isRight =
    v === 1 &&
    game['id'] === id &&
    ['app', 'rules', 'result'].every(name => typeof game[name] === 'string') &&
    ['moves', 'startedAtMs', 'endedAtMs', 'archivedAtMs', 'records', 'bytes'].every(name => isCount(game[name])) &&
    Array.isArray(players) &&
    players.every(each => typeof each === 'string') &&
    typeof game['hasSgf'] === 'boolean'
  return isRight ? (game as unknown as ArchivedGame) : undefined
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
