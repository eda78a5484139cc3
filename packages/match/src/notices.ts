import { bytesEqual, encodeCanonical } from '@tsugi/protocol'

import { type MatchState } from './match-state.ts'
import { type Notice } from './notice.ts'
import { type TreeNode } from './record-tree.ts'
import { type Ply } from './standing.ts'

/** More new records on the chain than this are told of as one. */
const maxSingly = 4

/** Tells what has become of the chain since `before`. */
export function tellChanges(state: MatchState, before: readonly TreeNode[]): void {
  const after = state.tree.chain()
  let common = 0
  while (common < before.length && before[common] === after[common]) common += 1
  const fresh = after.slice(common)
  if (fresh.length === 0 && common === before.length) return
  const notices: Notice[] = []
  tellRewound(before.at(-1)?.standing.ply ?? null, after.at(-1)?.standing.ply ?? null, before, common, notices)
  tellSeatLost(state, before.at(-1), notices)
  if (fresh.length > maxSingly) {
    notices.push({ type: 'caught-up', records: fresh.length, ply: after.at(-1)?.standing.ply?.index ?? 0 })
    const head = after.at(-1)
    if (head?.standing.phase === 'over' && head.standing.outcome !== null) {
      notices.push({ type: 'over', outcome: head.standing.outcome })
    }
  } else {
    for (const node of fresh) tellRecord(state, node, notices)
  }
  for (const notice of notices) state.effects.push({ type: 'notice', notice })
}

function tellRewound(
  old: Ply | null,
  now: Ply | null,
  before: readonly TreeNode[],
  common: number,
  notices: Notice[],
): void {
  if (common === before.length || old === null) return
  let kept: Ply | null = old
  const standing = new Map<number, Ply>()
  for (let ply = now; ply !== null; ply = ply.before) standing.set(ply.index, ply)
  // The same move signed again on another branch is the same move to whoever looks at the board.
  const isKept = (ply: Ply) => {
    const there = standing.get(ply.index)
    return there !== undefined && there.seat === ply.seat && there.kind === ply.kind && isSameMove(there.move, ply.move)
  }
  while (kept !== null && !isKept(kept)) kept = kept.before
  const toPly = kept?.index ?? 0
  if (toPly < old.index) notices.push({ type: 'rewound', fromPly: old.index, toPly })
}

function isSameMove(left: unknown, right: unknown): boolean {
  return left === right || bytesEqual(encodeCanonical(left), encodeCanonical(right))
}

function tellSeatLost(state: MatchState, before: TreeNode | undefined, notices: Notice[]): void {
  const key = state.seatKey?.hex
  const seat = before?.standing.seats.findIndex(holder => holder?.key === key) ?? -1
  if (seat !== -1 && state.mySeat === null) notices.push({ type: 'seat-lost', seat })
}

function tellRecord(state: MatchState, node: TreeNode, notices: Notice[]): void {
  const { record, standing } = node
  const seat = standing.author
  const mine = record.author === state.seatKey?.hex
  const ply = standing.ply?.index ?? 0
  switch (record.kind) {
    case 'genesis':
    case 'sit':
      notices.push({ type: 'seated', seat, mine })
      break
    case 'move':
      notices.push({ type: 'moved', seat, ply, move: record.body.move, mine })
      break
    case 'pass':
      notices.push({ type: 'passed', seat, ply, mine })
      if (standing.phase === 'settling') notices.push({ type: 'settling' })
      break
    case 'undo-ask':
      notices.push({ type: 'undo-asked', seat, mine })
      break
    case 'undo-grant':
      if (standing.undo === null) notices.push({ type: 'undone', toPly: ply })
      break
    case 'undo-refuse':
      notices.push({ type: 'undo-refused', seat, mine })
      break
    case 'propose':
      notices.push({ type: 'proposed', seat, mine })
      break
    case 'accept':
      notices.push({ type: 'accepted', seat, mine })
      break
    case 'resume':
      notices.push({ type: 'resumed', seat, mine })
      break
    case 'rematch':
      notices.push({ type: 'rematch-offered', seat, mine })
      break
    case 'resign':
    case 'claim-time':
    case 'clock-note':
      break
  }
  if (standing.phase === 'over' && standing.before?.phase !== 'over' && standing.outcome !== null) {
    notices.push({ type: 'over', outcome: standing.outcome })
  }
}
