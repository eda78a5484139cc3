import { type RecordContent, isKind, bytesEqual } from '@tsugi/protocol'

import { undoTarget } from './apply-undo.ts'
import { append, clockPart, probe } from './compose.ts'
import { type MatchState } from './match-state.ts'
import { type TreeNode } from './record-tree.ts'
import { type Standing } from './standing.ts'

/**
 * Issues again, on the head, what this side signed at the same time as somebody else whose record came first, as long as it still
 * means what it meant. Each own record is looked at once; what no longer fits is dropped for good, so that nothing old comes back
 * by surprise. [F6]
 */
export function reissueDisplaced(state: MatchState, now: number): readonly TreeNode[] {
  const { tree, seatKey } = state
  const chain = tree.chain()
  if (seatKey === null || tree.size === chain.length) return []
  const settled = chain.findLast(node => node.record.author === seatKey.hex)?.record.counter ?? 0
  const displaced = [...tree.nodes()]
    .filter(node => node.record.author === seatKey.hex && node.record.counter > settled)
    .filter(node => !tree.isOnChain(node) && !state.decided.has(node.record.hash))
    .toSorted((left, right) => left.record.counter - right.record.counter)
  const issued: TreeNode[] = []
  for (const node of displaced) {
    state.decided.add(node.record.hash)
    const head = tree.head()
    const content = head === null ? null : contentAgain(state, node, head.standing, now)
    const record = content === null ? null : append(state, content, now)
    const added = record?.ok === true ? tree.get(record.value.hash) : undefined
    if (added !== undefined) issued.push(added)
  }
  return issued
}

function contentAgain(state: MatchState, node: TreeNode, head: Standing, now: number): RecordContent | null {
  const { record } = node
  const then = node.parent?.standing
  if (then === undefined) return null
  const isSamePosition = head.ply?.hash === then.ply?.hash && head.phase === then.phase
  switch (record.kind) {
    case 'move':
    case 'pass':
      return isSamePosition ? playAgain(state, node, now) : null
    case 'undo-ask':
      return isSamePosition && head.undo === null && undoTarget(head, node.standing.author) === record.body.to
        ? { kind: 'undo-ask', body: record.body }
        : null
    case 'undo-grant':
    case 'undo-refuse':
      return head.undo !== null && head.undo.ask === then.undo?.ask ? { kind: record.kind, body: {} } : null
    case 'propose':
      return isSamePosition && head.proposal?.hash === then.proposal?.hash
        ? { kind: 'propose', body: record.body }
        : null
    case 'accept':
      return head.proposal !== null && bytesEqual(head.proposal.hash, record.body.hash)
        ? { kind: 'accept', body: record.body }
        : null
    case 'resume':
      return isSamePosition ? { kind: 'resume', body: {} } : null
    case 'resign':
      return { kind: 'resign', body: {} }
    case 'sit':
      return head.seats[record.body.seat] === null ? { kind: 'sit', body: record.body } : null
    case 'claim-time':
      return claimAgain(state, node, now)
    case 'rematch':
      return head.rematches.length === 0 ? { kind: 'rematch', body: record.body } : null
    case 'genesis':
    case 'clock-note':
      return null
  }
}

function playAgain(state: MatchState, node: TreeNode, now: number): RecordContent | null {
  const { record } = node
  if (!isKind(record, 'move') && !isKind(record, 'pass')) return null
  const clock = clockPart(state, node.standing.author, now, record.body.clock?.[0])
  return record.kind === 'move'
    ? { kind: 'move', body: { move: record.body.move, ...clock } }
    : { kind: 'pass', body: clock }
}

/** A claim that a move overtook is made again with the first as evidence; one that anything else overtook, as it was. [K7] */
function claimAgain(state: MatchState, node: TreeNode, now: number): RecordContent | null {
  const plain: RecordContent = { kind: 'claim-time', body: {} }
  if (probe(state, plain, now).ok) return plain
  return { kind: 'claim-time', body: { earlier: node.record.bytes } }
}
