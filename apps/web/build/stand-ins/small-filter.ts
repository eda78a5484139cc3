// Stands in for libp2p's cuckoo and Bloom filters, which save memory where there are millions of things to remember. A page remembers a
// handful of addresses and relays.

/** More than a page ever meets; beyond it the oldest is forgotten, which costs a needless dial. */
const capacity = 1_000

class SmallFilter {
  readonly #items = new Set<string>()

  add(item: Uint8Array | string): boolean {
    for (const oldest of this.#items) {
      if (this.#items.size < capacity) break
      this.#items.delete(oldest)
    }
    this.#items.add(item.toString())
    return true
  }

  has(item: Uint8Array | string): boolean {
    return this.#items.has(item.toString())
  }

  remove(item: Uint8Array | string): boolean {
    return this.#items.delete(item.toString())
  }
}

const create = (): SmallFilter => new SmallFilter()

export {
  SmallFilter as BloomFilter,
  SmallFilter as CuckooFilter,
  SmallFilter as ScalableCuckooFilter,
  create as createBloomFilter,
  create as createCuckooFilter,
  create as createScalableCuckooFilter,
}
