import type { AbstractMessageStream } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'

import { type AnyListener, type ListenerOptions, leanEvents } from './lean-events.ts'

/** The part of js-libp2p's message stream that is worked with here and is closed to others. */
interface MessageStreamInside {
  readonly readBuffer: Uint8ArrayList
  dispatchReadBuffer(): void
}

// TypeScript lets a mixin extend only what is made from `any[]`.
// oxlint-disable-next-line typescript/no-explicit-any
type Constructor = abstract new (...args: any[]) => AbstractMessageStream

/** js-libp2p's message streams with {@link leanEvents}; arriving bytes are handed on as a plain object. All else is as it was. */
export function leanMessageStream<Base extends Constructor>(base: Base): Base {
  // What the mixin adds is what the base has already, by the same names.
  const LeanBase = leanEvents(base) as Constructor
  abstract class LeanMessageStream extends LeanBase {
    override addEventListener(type: string, listener: AnyListener | null, options?: ListenerOptions): void {
      super.addEventListener(type as 'message', listener as never, options)
      const { readBuffer } = this as unknown as MessageStreamInside
      if (type !== 'message' || readBuffer.byteLength === 0) return
      // A constructor may listen before its own fields are there.
      queueMicrotask(() => (this as unknown as MessageStreamInside).dispatchReadBuffer())
    }

    override onData(data: Uint8Array | Uint8ArrayList): void {
      const isFree = this.readStatus === 'readable' && this.remoteWriteStatus !== 'closed'
      if (!isFree || data.byteLength === 0 || this.readBufferLength > 0 || this.listenerCount('message') === 0) {
        super.onData(data)
        return
      }
      this.dispatchEvent({ type: 'message', data } as unknown as Event)
    }
  }
  return LeanMessageStream as unknown as Base
}
