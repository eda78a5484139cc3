import type { SiteKind } from './site-kinds.ts'

/** What became of two players at two sites. */
export interface PairResult {
  readonly sites: readonly [SiteKind, SiteKind]
  readonly players: 'Node' | 'Chromium'
  readonly expected: 'direct' | 'relayed'
  /** What the line was at the end of the game. */
  readonly line: 'direct' | 'relayed' | 'none'
  /** From the second one's arrival until the two had heard of each other, and until both were on a direct line. */
  readonly firstMessageMs: number | undefined
  readonly directMs: number | undefined
  /** Whether the game ended, with equal boards. */
  readonly isPlayed: boolean
  /** What went wrong, when something did. */
  readonly problem: string | undefined
}

/** Whether all was as it must be. */
export function isGood({ line, expected, isPlayed, problem }: PairResult): boolean {
  return line === expected && isPlayed && problem === undefined
}
