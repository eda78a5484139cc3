import { type MatchRecord, type RecordHash } from '@tsugi/protocol'

import { compareBranches } from './fork-order.ts'
import { chooseKept } from './retention.ts'
import { type Standing } from './standing.ts'

/** A valid record in its place. Mutable inside this package only. */
export interface TreeNode {
  readonly record: MatchRecord
  readonly standing: Standing
  readonly parent: TreeNode | null
  readonly children: TreeNode[]
  /** The child that the chain goes on with. */
  best: TreeNode | null
  isEndorsed: boolean
  /** When it was written, as well as this side can tell in its own time. */
  readonly startedAt: number
  /** By how much its author took longer than they say, beyond the lag allowance. */
  readonly lateByMs: number
}

/**
 * All valid records that are held, as a tree, and the one chain in it that counts. What is held and which chain counts are functions
 * of the set of records alone, in whatever order they came. Every change is incremental: a record costs time in proportion to the
 * ancestors whose rank it changes, which is a constant in honest play.
 */
export class RecordTree {
  readonly #nodes = new Map<RecordHash, TreeNode>()
  #root: TreeNode | null = null
  #chain: TreeNode[] | null = null
  #version = 0

  get root(): TreeNode | null {
    return this.#root
  }

  /** Grows with every change. */
  get version(): number {
    return this.#version
  }

  get size(): number {
    return this.#nodes.size
  }

  get(hash: RecordHash): TreeNode | undefined {
    return this.#nodes.get(hash)
  }

  nodes(): Iterable<TreeNode> {
    return this.#nodes.values()
  }

  /** From the genesis record to the head. */
  chain(): readonly TreeNode[] {
    if (this.#chain !== null) return this.#chain
    const chain: TreeNode[] = []
    for (let node = this.#root; node !== null; node = node.best) chain.push(node)
    this.#chain = chain
    return chain
  }

  head(): TreeNode | null {
    return this.chain().at(-1) ?? null
  }

  isOnChain(node: TreeNode): boolean {
    return this.chain()[node.record.height] === node
  }

  /** Adds a record whose parent is here and which has been judged. */
  add(
    record: MatchRecord,
    standing: Standing,
    times: { readonly startedAt: number; readonly lateByMs: number },
  ): TreeNode {
    const parent = record.parent === null ? null : (this.#nodes.get(record.parent) ?? null)
    const node: TreeNode = { record, standing, parent, children: [], best: null, isEndorsed: false, ...times }
    this.#nodes.set(record.hash, node)
    this.#link(node)
    this.#changed()
    return node
  }

  /**
   * Lets go of records beside the chain that exceed what may be held.
   *
   * @param maxBeside - how many may be held beside the chain, all authors together
   * @returns the records let go
   */
  prune(maxBeside: number, seats: number): readonly MatchRecord[] {
    const chain = this.chain()
    const kept = chooseKept(chain, this.#nodes, Math.floor(maxBeside / seats))
    if (kept === null) return []
    const dropped = [...this.#nodes.values()].filter(node => !kept.has(node.record.hash))
    if (dropped.length === 0) return []
    const left = [...this.#nodes.values()].filter(node => kept.has(node.record.hash))
    for (const node of left) {
      node.children.length = 0
      node.best = null
      node.isEndorsed = false
    }
    this.#nodes.clear()
    for (const node of left.toSorted((a, b) => a.record.height - b.record.height)) {
      this.#nodes.set(node.record.hash, node)
      this.#link(node)
    }
    this.#changed()
    return dropped.map(node => node.record)
  }

  #changed(): void {
    this.#chain = null
    this.#version += 1
  }

  #link(node: TreeNode): void {
    const { parent } = node
    if (parent === null) {
      this.#root = node
      return
    }
    parent.children.push(node)
    this.#choose(parent)
    this.#endorse(node)
  }

  /** Marks the ancestors that now have another author above them. All ancestors of a marked one are marked. */
  #endorse(node: TreeNode): void {
    let isForeign = false
    for (let at = node.parent; at !== null && !at.isEndorsed; at = at.parent) {
      isForeign ||= at.record.author !== node.record.author
      if (!isForeign) continue
      at.isEndorsed = true
      if (at.parent !== null) this.#choose(at.parent)
    }
  }

  #choose(parent: TreeNode): void {
    const { author } = parent.record
    let best: TreeNode | null = null
    for (const child of parent.children) {
      if (best === null || compareBranches(author, branch(child), branch(best)) < 0) best = child
    }
    parent.best = best
  }
}

function branch(node: TreeNode) {
  const { hash, kind, author } = node.record
  return { hash, kind, author, isEndorsed: node.isEndorsed }
}
