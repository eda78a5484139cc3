import type { MessageStreamEvents } from '@libp2p/interface'
import type { AbstractMessageStream } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'

/** What may listen to an event. */
type AnyListener = ((event: Event) => unknown) | { handleEvent(event: Event): unknown }

interface Entry {
  readonly type: string
  readonly listener: AnyListener
  readonly isOnce: boolean
  /** Lets go of the signal that it was added with. */
  readonly release: (() => void) | undefined
  isGone: boolean
}

/** The part of js-libp2p's message stream that is worked with here and is closed to others. */
interface MessageStreamInside {
  readonly readBuffer: Uint8ArrayList
  dispatchReadBuffer(): void
}

// TypeScript lets a mixin extend only what is made from `any[]`.
// oxlint-disable-next-line typescript/no-explicit-any
type Constructor = abstract new (...args: any[]) => AbstractMessageStream

/**
 * js-libp2p's message streams without their weight. A listener of an `EventTarget` under a `TypedEventEmitter` takes two closures, three
 * objects and a list entry, about 400 bytes, and an idle connection has thirty of them; an event takes a microsecond. Here a listener
 * is one small object, what nobody listens to is not made, and arriving bytes are handed on as a plain object. All else is as it was.
 */
export function leanMessageStream<Base extends Constructor>(base: Base): Base {
  abstract class LeanMessageStream extends base {
    // Declared only: the constructors below listen before a field of this class could be set.
    declare private entries: readonly Entry[] | undefined

    override listenerCount(type: string): number {
      let count = 0
      for (const entry of this.entries ?? []) if (entry.type === type) count += 1
      return count
    }

    override addEventListener(
      type: string,
      listener: AnyListener | null,
      options?: boolean | { readonly once?: boolean; readonly signal?: AbortSignal },
    ): void {
      const { once: isOnce = false, signal } = typeof options === 'object' ? options : {}
      if (listener === null || signal?.aborted === true) return
      if (this.entries?.some(each => each.type === type && each.listener === listener) !== true) {
        const release = signal && removeOnAbort(signal, () => this.removeEventListener(type, listener))
        this.entries = [...(this.entries ?? []), { type, listener, isOnce, release, isGone: false }]
      }
      const { readBuffer } = this as unknown as MessageStreamInside
      if (type !== 'message' || readBuffer.byteLength === 0) return
      // A constructor may listen before its own fields are there.
      queueMicrotask(() => (this as unknown as MessageStreamInside).dispatchReadBuffer())
    }

    override removeEventListener(type: string, listener?: AnyListener | null): void {
      const entry = this.entries?.find(each => each.type === type && each.listener === listener)
      if (entry === undefined) return
      entry.isGone = true
      entry.release?.()
      this.entries = this.entries?.filter(each => each !== entry)
    }

    override dispatchEvent(event: Event): boolean {
      // The list is never changed in place, so whoever is added meanwhile is not called, as with an EventTarget.
      for (const entry of this.entries ?? []) {
        if (entry.type !== event.type || entry.isGone) continue
        if (entry.isOnce) this.removeEventListener(entry.type, entry.listener)
        call(entry.listener, event)
      }
      return true
    }

    override safeDispatchEvent(type: keyof MessageStreamEvents, detail?: { readonly detail?: unknown }): boolean {
      if (this.listenerCount(type) === 0) return true
      return this.dispatchEvent(new CustomEvent(type, detail))
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
  return LeanMessageStream
}

function removeOnAbort(signal: AbortSignal, remove: () => void): () => void {
  signal.addEventListener('abort', remove)
  return () => signal.removeEventListener('abort', remove)
}

/** One listener's failure is not another's: it ends up where uncaught errors do, as with an EventTarget. */
function call(listener: AnyListener, event: Event): void {
  try {
    if (typeof listener === 'function') listener(event)
    else listener.handleEvent(event)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
