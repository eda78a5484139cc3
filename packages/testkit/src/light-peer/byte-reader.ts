/** Collects pieces of bytes and gives them out in other sizes. */
export class ByteReader {
  readonly #pieces: Uint8Array[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  push(piece: Uint8Array): void {
    if (piece.length === 0) return
    this.#pieces.push(piece)
    this.#length += piece.length
  }

  /** The first bytes, which stay; without copying when one piece has them. */
  peek(count: number): Uint8Array | undefined {
    if (this.#length < count) return undefined
    const [first] = this.#pieces
    if (first !== undefined && first.length >= count) return first.subarray(0, count)
    const joined = Buffer.concat(this.#pieces)
    this.#pieces.splice(0, this.#pieces.length, joined)
    return joined.subarray(0, count)
  }

  /** Takes the first bytes; `undefined` when there are not so many. */
  take(count: number): Uint8Array | undefined {
    const taken = this.peek(count)
    if (taken === undefined) return undefined
    this.#length -= count
    const [first] = this.#pieces
    if (first === undefined) return taken
    if (first.length === count) this.#pieces.shift()
    else this.#pieces[0] = first.subarray(count)
    return taken
  }

  /** Takes whatever is there. */
  takeAll(): Uint8Array {
    return this.take(this.#length) ?? new Uint8Array()
  }
}
