import { type Logger, type StreamCloseEvent, StreamStateError } from '@libp2p/interface'
import type { AbstractMessageStream } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'

import { type AnyListener, type ListenerEntries, type ListenerOptions, leanEvents } from './lean-events.ts'

/** The part of js-libp2p's message stream that is worked with here and is closed to others. */
interface MessageStreamInside {
  entries?: ListenerEntries
  readonly log: Logger
  readonly readBuffer: Uint8ArrayList
  readonly onDrainPromise?: PromiseWithResolvers<void>
  writableNeedsDrain: boolean
  dispatchReadBuffer(): void
  processSendQueue: () => boolean
}

// TypeScript lets a mixin extend only what is made from `any[]`.
// oxlint-disable-next-line typescript/no-explicit-any
type Constructor = abstract new (...args: any[]) => AbstractMessageStream

/** What a message stream of js-libp2p listens to of its own, one pair for all of them. */
const ownListeners: ListenerEntries = ['drain', onDrain, undefined, 'close', onClose, undefined]

/**
 * js-libp2p's message streams with {@link leanEvents}; arriving bytes are handed on as a plain object; and what a stream listens to of its
 * own is not made anew for each, 300 bytes, which a connection has twice. All else is as it was.
 */
export function leanMessageStream<Base extends Constructor>(base: Base): Base {
  // What the mixin adds is what the base has already, by the same names.
  const LeanBase = leanEvents(base) as Constructor
  abstract class LeanMessageStream extends LeanBase {
    // oxlint-disable-next-line typescript/no-explicit-any
    constructor(...args: any[]) {
      super(...args)
      shareListeners(this as unknown as MessageStreamInside, base.prototype)
    }

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

function shareListeners(stream: MessageStreamInside, { processSendQueue }: MessageStreamInside): void {
  const { entries = [] } = stream
  // A test fails when js-libp2p begins to listen to something else.
  if (entries[0] !== ownListeners[0] || entries[3] !== ownListeners[3]) return
  const others = entries.slice(ownListeners.length)
  stream.entries = others.length === 0 ? ownListeners : ownListeners.concat(others)
  // Bound in each stream, though all call it as a method.
  stream.processSendQueue = processSendQueue
}

function onDrain(this: MessageStreamInside): void {
  if (this.writableNeedsDrain) {
    this.writableNeedsDrain = false
    queueMicrotask(() => {
      try {
        this.processSendQueue()
      } catch (error) {
        // It has ended with that error, and told who listens.
        this.log.error('could not send what waited - %e', error)
      }
    })
  }
  this.onDrainPromise?.resolve()
}

function onClose(this: MessageStreamInside, event: Event): void {
  this.onDrainPromise?.reject((event as StreamCloseEvent).error ?? new StreamStateError('The stream has ended.'))
}
