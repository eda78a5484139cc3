/** A first-in first-out list over a fixed array: nothing is moved when an end changes. Grows up to its capacity, and holds no item that left. */
export class Ring<T> {
  readonly capacity: number
  #slots: (T | undefined)[] = []
  #head = 0
  #length = 0

  constructor(capacity: number) {
    this.capacity = capacity
  }

  get length(): number {
    return this.#length
  }

  /** Appends; the caller has made sure that there is room. */
  push(item: T): void {
    if (this.#length === this.#slots.length) this.#grow()
    this.#slots[(this.#head + this.#length) % this.#slots.length] = item
    this.#length += 1
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined
    const item = this.#slots[this.#head]
    this.#slots[this.#head] = undefined
    this.#head = (this.#head + 1) % this.#slots.length
    this.#length -= 1
    if (this.#length === 0) this.clear()
    return item
  }

  /** Removes the oldest item that the test accepts; answers whether there was one. */
  removeFirst(accepts: (item: T) => boolean): boolean {
    for (let index = 0; index < this.#length; index += 1) {
      if (!accepts(this.#at(index))) continue
      // Close the gap towards the head: the oldest items are few when the first match is near.
      for (let at = index; at > 0; at -= 1) this.#slots[this.#slot(at)] = this.#slots[this.#slot(at - 1)]
      this.shift()
      return true
    }
    return false
  }

  clear(): void {
    this.#slots = []
    this.#head = 0
    this.#length = 0
  }

  #slot(index: number): number {
    return (this.#head + index) % this.#slots.length
  }

  #at(index: number): T {
    return this.#slots[this.#slot(index)] as T
  }

  #grow(): void {
    const next: (T | undefined)[] = Array.from({ length: Math.min(this.capacity, Math.max(8, this.#slots.length * 2)) })
    for (let index = 0; index < this.#length; index += 1) next[index] = this.#at(index)
    this.#slots = next
    this.#head = 0
  }
}
