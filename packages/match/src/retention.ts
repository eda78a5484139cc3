import { type RecordHash } from '@tsugi/protocol'

import { type TreeNode } from './record-tree.ts'

/** How many records of one author with one counter are held: two are the proof of a cheat, more prove nothing more. [H2] */
const maxPerCounter = 2

/**
 * Which records stay, as a function of the chain and the set alone: the whole chain, and of the rest, from low to high and by hash,
 * each whose parent stays, whose seat has room for it, and of whose author and counter fewer than two are kept already. [H1] [H2]
 *
 * The choice is the greatest in one fixed order of sets (first by chain, then by the lowest records kept), so two peers who give each
 * other what they hold both end with the same, and with no less than either had: no exchange can go round in circles.
 *
 * @returns the hashes kept, or null when everything stays
 */
export function chooseKept(
  chain: readonly TreeNode[],
  nodes: ReadonlyMap<RecordHash, TreeNode>,
  roomPerSeat: number,
): ReadonlySet<RecordHash> | null {
  if (nodes.size === chain.length) return null
  const kept = new Set<RecordHash>()
  const byCounter = new Map<string, number>()
  const bySeat = new Map<number, number>()
  for (const node of chain) {
    kept.add(node.record.hash)
    count(byCounter, counterKey(node))
  }
  const beside = [...nodes.values()].filter(node => !kept.has(node.record.hash)).toSorted(byHeightThenHash)
  for (const node of beside) {
    const seat = node.standing.author
    if (node.parent === null || !kept.has(node.parent.record.hash)) continue
    if ((bySeat.get(seat) ?? 0) >= roomPerSeat || (byCounter.get(counterKey(node)) ?? 0) >= maxPerCounter) continue
    kept.add(node.record.hash)
    count(bySeat, seat)
    count(byCounter, counterKey(node))
  }
  return kept.size === nodes.size ? null : kept
}

/** One author's use of one counter. */
export function counterKey(node: TreeNode): string {
  return `${node.record.author}:${node.record.counter}`
}

function byHeightThenHash(left: TreeNode, right: TreeNode): number {
  if (left.record.height !== right.record.height) return left.record.height - right.record.height
  return left.record.hash < right.record.hash ? -1 : 1
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
