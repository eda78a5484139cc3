/** A store in memory, in the shape of a match's store. Can be told to fail. */
export class MemoryStore {
  readonly #records = new Map<string, Uint8Array[]>()
  isFailing = false

  load(match: string): Promise<readonly Uint8Array[]> {
    return Promise.resolve([...(this.#records.get(match) ?? [])])
  }

  append(match: string, records: readonly Uint8Array[]): Promise<void> {
    if (this.isFailing) return Promise.reject(new Error('The disk is full.'))
    const stored = this.#records.get(match) ?? []
    stored.push(...records)
    this.#records.set(match, stored)
    return Promise.resolve()
  }
}
