/** What may listen to an event. */
export type AnyListener = ((event: Event) => unknown) | { handleEvent(event: Event): unknown }

/** How a listener may be added. */
export type ListenerOptions = boolean | { readonly once?: boolean; readonly signal?: AbortSignal }

/** What only few listeners have: an end after one event, or with a signal. */
interface Terms {
  readonly isOnce: boolean
  /** Lets go of the signal that the listener was added with. */
  readonly release: (() => void) | undefined
}

/** Type, listener and terms of one after another. Never changed in place: who is added during an event is not called by it. */
export type ListenerEntries = ReadonlyArray<string | AnyListener | Terms | undefined>

const fieldsPerEntry = 3

interface EventEmitter {
  dispatchEvent(event: Event): boolean
}

// TypeScript lets a mixin extend only what is made from `any[]`.
// oxlint-disable-next-line typescript/no-explicit-any
type Constructor<Emitter> = abstract new (...args: any[]) => Emitter

/** What {@link leanEvents} adds. */
export interface LeanEvents {
  listenerCount(type: string): number
  addEventListener(type: string, listener: AnyListener | null, options?: ListenerOptions): void
  removeEventListener(type: string, listener?: AnyListener | null): void
  dispatchEvent(event: Event): boolean
  safeDispatchEvent(type: string, detail?: { readonly detail?: unknown }): boolean
}

/**
 * Events without their weight. A listener of an `EventTarget` under a `TypedEventEmitter` takes two closures, three objects and a list entry,
 * about 400 bytes, and an idle connection has twenty of them; an event takes a microsecond. Here a listener is three entries of a list,
 * and what nobody listens to is not made. All else is as it was.
 */
export function leanEvents<Base extends Constructor<EventEmitter>>(base: Base): Base & Constructor<LeanEvents> {
  abstract class Lean extends base implements LeanEvents {
    // Declared only: the constructors below listen before a field of this class could be set.
    declare private entries: ListenerEntries | undefined

    listenerCount(type: string): number {
      const { entries } = this
      if (entries === undefined) return 0
      let count = 0
      for (let at = 0; at < entries.length; at += fieldsPerEntry) if (entries[at] === type) count += 1
      return count
    }

    addEventListener(type: string, listener: AnyListener | null, options?: ListenerOptions): void {
      const { once: isOnce = false, signal } = typeof options === 'object' ? options : {}
      if (listener === null || signal?.aborted === true || indexOf(this.entries, type, listener) >= 0) return
      const release = signal && removeOnAbort(signal, () => this.removeEventListener(type, listener))
      const terms = isOnce || release !== undefined ? { isOnce, release } : undefined
      // concat and toSpliced make lists without spare room, which spreading does not.
      this.entries = (this.entries ?? []).concat(type, listener, terms)
    }

    removeEventListener(type: string, listener?: AnyListener | null): void {
      const { entries } = this
      const at = indexOf(entries, type, listener)
      if (entries === undefined || at < 0) return
      ;(entries[at + 2] as Terms | undefined)?.release?.()
      this.entries = entries.toSpliced(at, fieldsPerEntry)
    }

    override dispatchEvent(event: Event): boolean {
      const { entries } = this
      if (entries === undefined) return true
      for (let at = 0; at < entries.length; at += fieldsPerEntry) {
        if (entries[at] !== event.type) continue
        const listener = entries[at + 1] as AnyListener
        const isGone = entries !== this.entries && indexOf(this.entries, event.type, listener) < 0
        if (isGone) continue
        if ((entries[at + 2] as Terms | undefined)?.isOnce === true) this.removeEventListener(event.type, listener)
        call(this, listener, event)
      }
      return true
    }

    safeDispatchEvent(type: string, detail?: { readonly detail?: unknown }): boolean {
      if (this.listenerCount(type) === 0) return true
      return this.dispatchEvent(new CustomEvent(type, detail))
    }
  }
  return Lean
}

function indexOf(entries: ListenerEntries | undefined, type: string, listener: AnyListener | null | undefined): number {
  if (entries === undefined) return -1
  for (let at = 0; at < entries.length; at += fieldsPerEntry) {
    if (entries[at] === type && entries[at + 1] === listener) return at
  }
  return -1
}

function removeOnAbort(signal: AbortSignal, remove: () => void): () => void {
  signal.addEventListener('abort', remove)
  return () => signal.removeEventListener('abort', remove)
}

/** One listener's failure is not another's: it ends up where uncaught errors do, as with an EventTarget. */
function call(emitter: unknown, listener: AnyListener, event: Event): void {
  try {
    if (typeof listener === 'function') listener.call(emitter, event)
    else listener.handleEvent(event)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
