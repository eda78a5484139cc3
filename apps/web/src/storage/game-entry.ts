/** What this device keeps of one game, beside its records. */
export interface GameEntry {
  /** `<match id>/<slot>`: two tabs may hold two seats of one game, each with a slot of its own. */
  readonly key: string
  readonly matchId: string
  /** Which tab's seat this is, from 0; `w` for watching only. */
  readonly slot: string
  /** The part of the game's address after `#`. */
  readonly fragment: string
  /** The seed of this seat's signing key (32 bytes). */
  readonly seatKey?: Uint8Array
  /** For the list of games: what can be said of it without replaying. */
  readonly summary: GameSummary
  readonly createdAt: number
  readonly updatedAt: number
}

/** One line in the list of games. */
export interface GameSummary {
  readonly size: number
  readonly state: 'waiting' | 'playing' | 'over'
  readonly myColor: 'black' | 'white' | null
  readonly black: string | null
  readonly white: string | null
  readonly moves: number
  readonly myTurn: boolean
  /** `B+3.5`, once there is one. */
  readonly result: string | null
}

/** How many games are kept. */
export const shelfCeiling = { finished: 200, all: 400 } as const

/**
 * Which games must leave so that the shelf stays within its ceiling: finished ones first, the longest untouched first.
 *
 * @param keep - the key of the game in use, which never leaves
 */
export function gamesToEvict(
  entries: readonly GameEntry[],
  ceiling: { readonly finished: number; readonly all: number },
  keep: string,
): string[] {
  const byAge = entries.filter(entry => entry.key !== keep).sort((a, b) => a.updatedAt - b.updatedAt)
  const finished = byAge.filter(entry => entry.summary.state === 'over')
  const kept = entries.find(entry => entry.key === keep)
  const finishedInAll = finished.length + (kept?.summary.state === 'over' ? 1 : 0)
  const leaving = new Set(finished.slice(0, Math.max(0, finishedInAll - ceiling.finished)).map(entry => entry.key))
  for (const entry of [...finished, ...byAge]) {
    if (entries.length - leaving.size <= ceiling.all) break
    leaving.add(entry.key)
  }
  return [...leaving]
}
