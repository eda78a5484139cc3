import { type RecordHash, type RecordKind } from '@tsugi/protocol'

/** What decides between two records with one parent. */
export interface Branch {
  readonly hash: RecordHash
  readonly kind: RecordKind
  /** The author's key. */
  readonly author: string
  /** Whether somebody else has signed on top of it, at whatever distance. */
  readonly isEndorsed: boolean
}

/**
 * Which kind comes first where neither endorsement nor authorship decides, which is between two records of one author (a cheat),
 * two sitters for one seat, or two of several opponents. What goes on with the game comes before what ends it, and what answers
 * comes before what asks: so nobody gains by signing an ending beside a move. [F4]
 */
const kindOrder: Readonly<Record<RecordKind, number>> = {
  genesis: 0,
  sit: 1,
  move: 2,
  pass: 3,
  'undo-grant': 4,
  'undo-refuse': 5,
  accept: 6,
  resume: 7,
  propose: 8,
  'undo-ask': 9,
  'clock-note': 10,
  'claim-time': 11,
  resign: 12,
  rematch: 13,
}

/**
 * Orders the children of one record: negative when `left` comes first. [F1] What somebody else has built on stays [F2]; then what
 * another than the parent's author has signed, so that an answer is not overtaken by a second word of the asker [F3]; then the
 * kind [F4]; then the lower hash [F5].
 *
 * With these rules, whole chains are in one total order (docs: SPEC.md, "Forks"): adding records never makes a better chain worse,
 * and the best of all chains is the same whatever else is held beside it.
 */
export function compareBranches(parentAuthor: string, left: Branch, right: Branch): number {
  if (left.isEndorsed !== right.isEndorsed) return left.isEndorsed ? -1 : 1
  const isLeftOther = left.author !== parentAuthor
  if (isLeftOther !== (right.author !== parentAuthor)) return isLeftOther ? -1 : 1
  const byKind = kindOrder[left.kind] - kindOrder[right.kind]
  if (byKind !== 0) return byKind
  return left.hash < right.hash ? -1 : 1
}
