/** A finished game that has been checked from its first record to its last. */
export interface VerifiedGame {
  readonly ok: true
  /** The match id. */
  readonly match: string
  readonly app: string
  readonly rules: string
  /** Names by seat; empty for a player without one. */
  readonly players: readonly string[]
  /** Public keys of those who hold a seat, in hexadecimal. */
  readonly keys: readonly string[]
  readonly result: string
  readonly moves: number
  /** When it began and ended by its players' clocks, in milliseconds since 1970. */
  readonly startedAtMs: number
  readonly endedAtMs: number
  /** The valid records, parents first. */
  readonly records: readonly Uint8Array[]
  /** The game in its usual notation; absent where there is none. */
  readonly sgf?: string
}

/** Why a game is not archived: its records do not fit together, or it is not over, or checking it took too long. */
export type VerifyRefusal = 'archive/invalid' | 'archive/not-over' | 'archive/too-slow'

/**
 * Checks a game: size, shape, signatures, links, rules, and that it is over. The relay knows no game's rules, so whoever runs it hands this in.
 * It must not hold up the event loop, must end by itself, and never rejects.
 */
export type VerifyGame = (
  records: readonly Uint8Array[],
) => Promise<VerifiedGame | { readonly ok: false; readonly code: VerifyRefusal }>
