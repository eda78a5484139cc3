import type { TaskGroup, TaskHandle } from '@tsugi/bounded'

import type { LinkTiming } from './link-timing.ts'

/** What {@link RelayRoute} needs. */
export interface RelayRouteOptions {
  readonly tasks: TaskGroup
  readonly timing: Pick<LinkTiming, 'routeMs' | 'routeAfterLossMs' | 'askAfterMs' | 'answerMs'>
  /** Asks the peer to say that it is still here; answers whether it could be asked. */
  readonly ask: (isRoutine: boolean) => boolean
  /** The route may have ended, and why: whoever cares looks whether it {@link RelayRoute.stands}. */
  readonly onEnd: (reason: string) => void
}

/** Games send many messages; once in a while is often enough to say that the route stands. */
const renewShare = 0.9

/** Whether a peer is reached by the gossip that relays route: for as long as it was heard a while ago, or has not missed an answer. */
export class RelayRoute {
  readonly #options: RelayRouteOptions
  /** By the clock that nobody sets. */
  #until = 0
  #heardAt = 0
  #timer: TaskHandle | undefined

  constructor(options: RelayRouteOptions) {
    this.#options = options
  }

  get stands(): boolean {
    return this.#until > performance.now()
  }

  /** Whether the peer has been silent for so long that it should be asked. */
  get isSilent(): boolean {
    return performance.now() - this.#heardAt > this.#options.timing.askAfterMs
  }

  /** Something of the peer's arrived; answers whether that has made the route last longer. */
  heard(): boolean {
    const { routeMs } = this.#options.timing
    const now = performance.now()
    this.#heardAt = now
    if (this.#until - now > routeMs * renewShare) return false
    this.#until = now + routeMs
    this.#endAfter(routeMs, 'nothing has been heard for a while')
    return true
  }

  /** A line to the peer broke; where it is on a topic with us, it has a moment to be heard. */
  lineBroke(isPresent: boolean): void {
    const { routeAfterLossMs } = this.#options.timing
    this.#until = Math.min(this.#until, performance.now() + (isPresent ? routeAfterLossMs : 0))
    this.#endAfter(routeAfterLossMs, 'the line broke, and nothing has been heard since')
  }

  /** The peer may be gone: if it does not say that it is here, it is. */
  doubt(isRoutine: boolean): void {
    const { timing, ask } = this.#options
    const until = performance.now() + timing.answerMs
    if (this.#until <= until || !ask(isRoutine)) return
    this.#until = until
    this.#endAfter(timing.answerMs, 'it does not answer any more')
  }

  #endAfter(delayMs: number, reason: string): void {
    this.#timer?.end()
    this.#timer = this.#options.tasks.timeout('route ends', delayMs, () => {
      // A timer may be a millisecond early by the clock, and nothing else would end it.
      this.#until = 0
      this.#options.onEnd(reason)
    })
  }
}
