import type { StreamOffsets } from '@tsugi/protocol'

import { ByteBlocks } from './byte-blocks.ts'

/** What has come and was not read, never more than the window. The end of the stream counts as one byte after the last. [Y4] */
export class ReceiveBuffer {
  readonly #bytes = new ByteBlocks()
  readonly #window: number
  #isFinished = false
  #isDiscarding = false
  #told = 0

  /** @param window - how much the other end may send beyond what was read here */
  constructor(window: number) {
    this.#window = window
  }

  get heldBytes(): number {
    return this.#bytes.length
  }

  /** Whether everything, the end included, has come and was read. */
  get isWhole(): boolean {
    return this.#isFinished && this.#bytes.length === 0
  }

  /** How far we are, as the other end is told; what was told counts as acknowledged. */
  tell(): StreamOffsets {
    const received = this.#bytes.end + (this.#isFinished ? 1 : 0)
    this.#told = this.#consumed
    return { received, consumed: this.#told, window: this.#window }
  }

  /** How much was read, the end included, and not told. */
  get untold(): number {
    return this.#consumed - this.#told
  }

  /** Whether it is time to tell: a quarter of the window, or the end. [Y6] */
  get isDue(): boolean {
    return this.untold > 0 && (this.isWhole || this.untold >= this.#window / 4)
  }

  /** Takes what has come; answers whether it may have come. [Y5] */
  take(bytes: Uint8Array): boolean {
    if (this.#isFinished || this.#bytes.length + bytes.length > this.#window) return false
    this.#bytes.append(bytes)
    if (this.#isDiscarding) this.#bytes.dropTo(this.#bytes.end)
    return true
  }

  /** Nothing more comes; answers whether that had not been said before. */
  finish(): boolean {
    if (this.#isFinished) return false
    this.#isFinished = true
    return true
  }

  /** The application reads: a copy that is its own. Nothing when there is nothing. */
  read(maxBytes: number): Uint8Array<ArrayBuffer> | undefined {
    const bytes = this.#bytes.view(this.#bytes.start, maxBytes).slice()
    if (bytes.length === 0) return undefined
    this.#bytes.dropTo(this.#bytes.start + bytes.length)
    return bytes
  }

  /** Nobody reads any more: what is here and what will come is thrown away. */
  discard(): void {
    this.#isDiscarding = true
    this.#bytes.dropTo(this.#bytes.end)
  }

  get #consumed(): number {
    return this.#bytes.start + (this.isWhole ? 1 : 0)
  }
}
