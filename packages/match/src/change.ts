import { type Standing } from './standing.ts'

/** What a record changes; the rest of the next standing follows from its place. */
export type Change = Partial<
  Omit<Standing, 'before' | 'hash' | 'kind' | 'author' | 'height' | 'turnHeight' | 'anchors'>
>

/** What every ending has in common. */
export function over(outcome: Standing['outcome']): Change {
  return { phase: 'over', outcome, turn: null, undo: null }
}
