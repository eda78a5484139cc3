/** The smallest block: many small pieces share one, so that what they hold is about what they have. */
const blockBytes = 4_096

interface Block {
  readonly bytes: Uint8Array
  /** Where in the stream it begins, and how much of it is filled. */
  readonly start: number
  filled: number
}

/** A stretch of a stream of bytes: grows at its end, is let go from its start, and can be looked at anywhere between. */
export class ByteBlocks {
  #blocks: Block[] = []
  #start = 0
  #end = 0

  /** Where it begins: everything before has been let go. */
  get start(): number {
    return this.#start
  }

  get end(): number {
    return this.#end
  }

  get length(): number {
    return this.#end - this.#start
  }

  /** Copies bytes to the end. */
  append(bytes: Uint8Array): void {
    const last = this.#blocks.at(-1)
    const room = last === undefined ? 0 : Math.min(last.bytes.length - last.filled, bytes.length)
    if (last !== undefined && room > 0) {
      last.bytes.set(bytes.subarray(0, room), last.filled)
      last.filled += room
    }
    const rest = bytes.subarray(room)
    if (rest.length > 0) {
      const block = {
        bytes: new Uint8Array(Math.max(rest.length, blockBytes)),
        start: this.#end + room,
        filled: rest.length,
      }
      block.bytes.set(rest)
      this.#blocks.push(block)
    }
    this.#end += bytes.length
  }

  /** A view of at most so many bytes at a place between start and end; of as many as lie together. Empty at the end. */
  view(at: number, maxBytes: number): Uint8Array {
    const block = this.#blocks.find(({ start, filled }) => at >= start && at < start + filled)
    if (block === undefined) return new Uint8Array()
    const from = at - block.start
    return block.bytes.subarray(from, Math.min(block.filled, from + maxBytes))
  }

  /** Lets go of everything before a place. */
  dropTo(at: number): void {
    this.#start = Math.min(Math.max(at, this.#start), this.#end)
    const kept = this.#blocks.findIndex(({ start, filled }) => start + filled > this.#start)
    this.#blocks.splice(0, kept === -1 ? this.#blocks.length : kept)
  }
}
