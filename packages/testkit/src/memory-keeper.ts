/** What one side of a comparison hands in. */
interface Comparison {
  readonly seen: readonly Uint8Array[]
  readonly held: () => readonly Uint8Array[]
  readonly mayBring: boolean
  readonly onFound: (sealed: readonly Uint8Array[]) => void
}

/** A relay's record store in memory, in the shape of a match's keeper. Can be told to fail, and can lose everything. */
export class MemoryKeeper {
  readonly #records = new Map<string, Uint8Array>()
  readonly #idOf: (sealed: Uint8Array) => Uint8Array
  isFailing = false
  /** How often it was asked to compare. */
  comparisons = 0

  /** @param idOf - the id of a kept record: `keptRecordId` of the protocol */
  constructor(idOf: (sealed: Uint8Array) => Uint8Array) {
    this.#idOf = idOf
  }

  /** How many records it has. */
  get size(): number {
    return this.#records.size
  }

  keep(sealed: readonly Uint8Array[]): Promise<boolean> {
    if (this.isFailing) return Promise.resolve(false)
    for (const each of sealed) this.#records.set(each.join(), each)
    return Promise.resolve(true)
  }

  async compare({ held, seen, mayBring, onFound }: Comparison): Promise<boolean> {
    this.comparisons += 1
    if (this.isFailing) throw new Error('The keeper is away.')
    const own = new Map(held().map(each => [each.join(), each]))
    const before = new Set(seen.map(id => id.join()))
    const found = [...this.#records].filter(([name, each]) => !own.has(name) && !before.has(this.#idOf(each).join()))
    if (found.length > 0) onFound(found.map(([, each]) => each))
    const lacking = [...own].filter(([name]) => !this.#records.has(name))
    return mayBring ? this.keep(lacking.map(([, each]) => each)) : true
  }

  /** Loses everything, as a relay that was replaced. */
  forget(): void {
    this.#records.clear()
  }
}
