import { type Timers, systemTimers } from '@tsugi/bounded'

/** What {@link Liveness} watches: a session that hears, asks, and can be ended. */
export interface Watched {
  /** Whether anything has come since this was last asked. */
  takeHeard(): boolean
  ping(): void
  abort(error: Error): void
}

/** What {@link Liveness} wants to know. */
export interface LivenessOptions {
  /** A far end that says nothing for so long is asked. */
  readonly silenceMs: number
  /** Told for each that does not answer, and is ended. */
  readonly onSilent?: () => void
  readonly timers?: Timers
}

/** So many times in a row without an answer, and it is gone. */
const maxUnanswered = 3
/** The sessions are looked at in turns, so that ten thousand are never asked at once. */
const turns = 15

/**
 * Finds connections whose far end is gone without a word (a laptop that was shut, a phone out of reach), within four times the silence. Only who is silent
 * is asked, by a yamux ping. libp2p's own monitor opens a stream to every peer at the same moment; with thousands of peers the answers
 * come too late for its time-out, and it ends connections that are well.
 */
export class Liveness {
  readonly #options: LivenessOptions
  readonly #timers: Timers
  readonly #groups: ReadonlyArray<Map<Watched, number>> = Array.from({ length: turns }, () => new Map())
  #nextGroup = 0
  #turn = 0
  #size = 0
  #timer: unknown

  constructor(options: LivenessOptions) {
    this.#options = options
    this.#timers = options.timers ?? systemTimers
  }

  /** How many sessions are watched; without any, no timer runs. */
  get size(): number {
    return this.#size
  }

  watch(session: Watched): void {
    this.#groups[this.#nextGroup]?.set(session, 0)
    this.#nextGroup = (this.#nextGroup + 1) % turns
    this.#size += 1
    if (this.#size === 1) this.#wait()
  }

  /** Ends the watch; safe to repeat. */
  forget(session: Watched): void {
    if (!this.#groups.some(group => group.delete(session))) return
    this.#size -= 1
    if (this.#size === 0) this.#timers.clearTimeout(this.#timer)
  }

  #wait(): void {
    this.#timer = this.#timers.setTimeout(() => {
      this.#look()
      if (this.#size > 0) this.#wait()
    }, this.#options.silenceMs / turns)
  }

  #look(): void {
    const group = this.#groups[this.#turn]
    this.#turn = (this.#turn + 1) % turns
    if (group === undefined) return
    for (const [session, unanswered] of group) {
      if (session.takeHeard()) {
        if (unanswered > 0) group.set(session, 0)
      } else if (unanswered >= maxUnanswered) {
        this.#options.onSilent?.()
        session.abort(new Error('the far end does not answer'))
      } else {
        group.set(session, unanswered + 1)
        session.ping()
      }
    }
  }
}
