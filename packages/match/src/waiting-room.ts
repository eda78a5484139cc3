import { type MatchRecord, type RecordHash } from '@tsugi/protocol'

/** A record that waits, and who sent it. */
export interface WaitingRecord {
  readonly record: MatchRecord
  readonly from: string
}

/**
 * Records whose parent has not arrived. Bounded: the one that has waited longest leaves, and comes back with the next exchange of
 * what both sides hold. [H3]
 */
export class WaitingRoom {
  readonly #byHash = new Map<RecordHash, WaitingRecord>()
  readonly #ceiling: number

  constructor(ceiling: number) {
    this.#ceiling = ceiling
  }

  get size(): number {
    return this.#byHash.size
  }

  has(hash: RecordHash): boolean {
    return this.#byHash.has(hash)
  }

  add(waiting: WaitingRecord): void {
    this.#byHash.set(waiting.record.hash, waiting)
    while (this.#byHash.size > this.#ceiling) {
      const [oldest] = this.#byHash.keys()
      if (oldest === undefined) return
      this.#byHash.delete(oldest)
    }
  }

  /** Takes out one record. */
  take(hash: RecordHash): WaitingRecord | undefined {
    const waiting = this.#byHash.get(hash)
    this.#byHash.delete(hash)
    return waiting
  }

  /** Takes out those that waited for a record. */
  takeChildren(parent: RecordHash): readonly WaitingRecord[] {
    const children = [...this.#byHash.values()].filter(waiting => waiting.record.parent === parent)
    for (const child of children) this.#byHash.delete(child.record.hash)
    return children
  }
}
