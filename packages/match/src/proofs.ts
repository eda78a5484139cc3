import { type MatchState } from './match-state.ts'
import { type TreeNode } from './record-tree.ts'
import { counterKey } from './retention.ts'
import { type ProofView } from './view-types.ts'

/**
 * Pairs of records that one author cannot have signed honestly: two with one counter, or two with one parent. [E1] Each pair is
 * named by the two lowest hashes, so that all peers who hold the same name the same.
 */
export function findProofs(state: MatchState): readonly ProofView[] {
  if (state.tree.size === state.tree.chain().length) return []
  const groups = new Map<string, TreeNode[]>()
  for (const node of state.tree.nodes()) {
    group(groups, `counter ${counterKey(node)}`, node)
    if (node.parent !== null) group(groups, `parent ${node.record.author}:${node.parent.record.hash}`, node)
  }
  const proofs = new Map<string, ProofView>()
  for (const nodes of groups.values()) {
    const [first, second] = nodes.toSorted((left, right) => (left.record.hash < right.record.hash ? -1 : 1))
    if (first === undefined || second === undefined) continue
    const { author, counter } = first.record
    proofs.set(`${first.record.hash}${second.record.hash}`, {
      author,
      seat: seatOnChain(state, author),
      counter,
      records: [first.record.hash, second.record.hash],
      bytes: [first.record.bytes, second.record.bytes],
    })
  }
  return [...proofs].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, proof]) => proof)
}

function seatOnChain(state: MatchState, author: string): number | null {
  const seat = state.standing?.seats.findIndex(holder => holder?.key === author) ?? -1
  return seat === -1 ? null : seat
}

function group(groups: Map<string, TreeNode[]>, key: string, node: TreeNode): void {
  const nodes = groups.get(key)
  if (nodes === undefined) groups.set(key, [node])
  else nodes.push(node)
}
