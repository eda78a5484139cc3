import type { StreamOffsets } from '@tsugi/protocol'

import { ByteBlocks } from './byte-blocks.ts'

/** What {@link SendBuffer} hands out next. */
export type Sendable = { readonly type: 'data'; readonly bytes: Uint8Array } | { readonly type: 'fin' }

/**
 * What was written and is not acknowledged: held, so that it can be sent again on another carrier. The end of the stream counts as one
 * byte after the last. [Y4]
 */
export class SendBuffer {
  readonly #bytes = new ByteBlocks()
  readonly #maxBytes: number
  #window = 0
  /** How far the other application has read, how far the carrier was given, and how far any carrier ever was. */
  #acknowledged = 0
  #next = 0
  #mostSent = 0
  #isFinished = false

  /** @param maxBytes - how much is held, whatever the other end allows */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get heldBytes(): number {
    return this.#bytes.length
  }

  /** How many bytes more may be written now. */
  get room(): number {
    return Math.max(0, Math.min(this.#window, this.#maxBytes) - this.#bytes.length)
  }

  /** Whether everything, the end included, was acknowledged. */
  get isWhole(): boolean {
    return this.#isFinished && this.#acknowledged > this.#bytes.end
  }

  /** Takes what was written, at most {@link room} of it. */
  append(bytes: Uint8Array): void {
    this.#bytes.append(bytes)
  }

  /** Nothing more will be written. */
  finish(): void {
    this.#isFinished = true
  }

  /** What the carrier is to be given next; nothing when all was given, or the other end takes no more. */
  take(maxBytes: number): Sendable | undefined {
    const { end } = this.#bytes
    const allowed = Math.min(maxBytes, this.#acknowledged + this.#window - this.#next)
    if (this.#next < end) {
      if (allowed <= 0) return undefined
      const bytes = this.#bytes.view(this.#next, allowed)
      this.#advance(bytes.length)
      return { type: 'data', bytes }
    }
    if (!this.#isFinished || this.#next > end) return undefined
    this.#advance(1)
    return { type: 'fin' }
  }

  /** The other application has read so far; answers whether that can be. [Y5] */
  acknowledge(consumed: number): boolean {
    if (consumed < this.#acknowledged || consumed > this.#next) return false
    this.#acknowledged = consumed
    this.#bytes.dropTo(consumed)
    return true
  }

  /** The other application has read everything, the end included; answers whether that can be. */
  acknowledgeAll(): boolean {
    const { end } = this.#bytes
    if (!this.#isFinished || this.#mostSent <= end) return false
    this.#next = end + 1
    return this.acknowledge(end + 1)
  }

  /** Goes on where the other end has come to; answers whether it can have come there. [Y5] */
  resume({ received, consumed, window }: StreamOffsets): boolean {
    if (consumed < this.#acknowledged || consumed > received || received > this.#mostSent) return false
    this.#window = window
    this.#next = received
    return this.acknowledge(consumed)
  }

  #advance(count: number): void {
    this.#next += count
    this.#mostSent = Math.max(this.#mostSent, this.#next)
  }
}
