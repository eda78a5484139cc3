import { type MatchRecord, isKind } from '@tsugi/protocol'

import { type Origin } from './intake.ts'
import { type MatchState } from './match-state.ts'
import { type TreeNode } from './record-tree.ts'
import { type Standing } from './standing.ts'

/**
 * When a record was written, told in our own time, and whether its author took longer than it says. Judgements for people to see;
 * nothing that decides over validity. [K8]
 *
 * A live record counts from its arrival, except one that was delayed (we were away): for that, the smallest difference ever seen
 * between this author's clock and ours tells when it was written. A stored or
 * kept record counts from its author's own time.
 */
export function timesOf(
  state: MatchState,
  record: MatchRecord,
  parent: TreeNode | null,
  standing: Standing | null,
  now: number,
  origin: Origin,
): { readonly startedAt: number; readonly lateByMs: number } {
  if (record.author === state.seatKey?.hex) return { startedAt: Math.min(now, record.at), lateByMs: 0 }
  if (origin !== 'live') return { startedAt: Math.min(now, record.at), lateByMs: 0 }
  const offset = Math.min(state.clockOffsets.get(record.author) ?? Number.POSITIVE_INFINITY, now - record.at)
  state.clockOffsets.set(record.author, offset)
  const startedAt = Math.min(now, record.at + offset)
  return { startedAt, lateByMs: latenessOf(state, record, parent, standing, now) }
}

function latenessOf(
  state: MatchState,
  record: MatchRecord,
  parent: TreeNode | null,
  standing: Standing | null,
  now: number,
): number {
  if (parent === null || standing === null || state.game === null) return 0
  if (!isKind(record, 'move') && !isKind(record, 'pass')) return 0
  const spentMs = record.body.clock?.[0]
  const began = turnBegan(parent)
  if (spentMs === undefined || began === null || parent.standing.clocks[standing.author]?.started !== true) return 0
  return Math.max(0, now - began.startedAt - spentMs - state.game.terms.lagMs)
}

/** The record with which the turn at a node began. */
export function turnBegan(node: TreeNode): TreeNode | null {
  let at: TreeNode | null = node
  while (at !== null && at.record.height > node.standing.turnHeight) at = at.parent
  return at
}
