import type { MessageStream } from '@libp2p/interface'
import type { AbstractStreamMuxer } from '@libp2p/utils'

import { type AnyListener, type ListenerOptions, leanEvents } from './lean-events.ts'

// TypeScript lets a mixin extend only what is made from `any[]`.
// oxlint-disable-next-line typescript/no-explicit-any
type Constructor = abstract new (...args: any[]) => AbstractStreamMuxer

/** js-libp2p's muxers with {@link leanEvents}. All else is as it was. */
export function leanMuxer<Base extends Constructor>(base: Base): Base {
  // What the mixin adds is what the base has already, by the same names.
  const LeanBase = leanEvents(base) as Constructor
  abstract class LeanMuxer extends LeanBase {
    override addEventListener(type: string, listener: AnyListener | null, options?: ListenerOptions): void {
      super.addEventListener(type as 'stream', listener as never, options)
      if (type !== 'stream' || this.earlyStreams.length === 0) return
      // A constructor may listen before its own fields are there.
      queueMicrotask(() => {
        for (const stream of this.earlyStreams.splice(0)) this.safeDispatchEvent('stream', { detail: stream })
      })
    }
  }
  return LeanMuxer as unknown as Base
}

/**
 * What js-libp2p's muxer asks of a connection while it is made, and nobody hears anything of; for a muxer that listens to the real one in its
 * own way. A plain object: one with the connection as its prototype would give every connection a hidden class of its own, 900 bytes.
 */
export function unheard({ log }: MessageStream): MessageStream {
  const connection: Pick<MessageStream, 'log' | 'addEventListener'> = { log, addEventListener() {} }
  return connection as MessageStream
}
