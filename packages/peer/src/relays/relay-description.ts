import type { Result, WellKnown } from '@tsugi/protocol'

import { restingPingMs, urgentPingMs } from '../node/line-monitor.ts'
import { pingIntervalMs, pingsPerReading } from './ping-interval.ts'
import type { RelaySource } from './relay-source.ts'

/** What {@link RelayDescription} needs. */
export interface RelayDescriptionOptions {
  readonly source: RelaySource
  readonly describe: (origin: URL, signal: AbortSignal) => Promise<Result<WellKnown>>
  /** It was read anew. */
  readonly onRead: (described: WellKnown) => void
}

/** What a probe found. */
export interface ProbeOutcome {
  /** Whether it is known what the relay says, or the relay needs to say nothing. */
  readonly isKnown: boolean
  /** How long it took to read; `undefined` when it was not. */
  readonly tookMs?: number
}

/** A description that was read so recently need not be read again. */
const freshMs = 5_000

/** What a relay says of itself, and how long it takes to say it. A relay that is named by a multiaddr is asked nothing. */
export class RelayDescription {
  readonly #options: RelayDescriptionOptions
  #known: WellKnown | undefined
  #readAt = 0
  #isGone = false
  #isMute = false

  constructor(options: RelayDescriptionOptions) {
    this.#options = options
  }

  get known(): WellKnown | undefined {
    return this.#known
  }

  /** Whether nobody answered where it was last looked for. */
  get isGone(): boolean {
    return this.#isGone
  }

  /**
   * How often its guests ask whether it is still there. One that describes itself to nobody is of another make, and gives out 128 slots (go, rust) or
   * 15 (js) unless it was told otherwise: it can be asked as often as a small one of ours.
   */
  get pingEveryMs(): number {
    if (this.#known !== undefined) return pingIntervalMs(this.#known)
    return this.#isMute ? urgentPingMs : restingPingMs
  }

  /** Whether it should be read again on the line that stands. */
  get isOld(): boolean {
    return !this.#isMute && Date.now() - this.#readAt >= pingsPerReading * this.pingEveryMs
  }

  /** Whether the relay is worth asking for a slot, as far as is known. */
  get hasRoom(): boolean {
    return this.#known === undefined || (this.#known.load.room && !this.#known.draining)
  }

  /** The relay has said this, whichever way. */
  note(described: WellKnown): void {
    this.#known = described
    this.#readAt = Date.now()
  }

  /** The relay does not speak of itself. */
  noteMute(): void {
    this.#isMute = true
  }

  /** The relay may come back as another one: what is known has to be read again. */
  doubt(): void {
    this.#readAt = 0
    this.#isMute = false
  }

  /** Reads it, unless that has just been done. */
  async probe(signal: AbortSignal): Promise<ProbeOutcome> {
    const { source, describe, onRead } = this.#options
    if (source.kind === 'multiaddr' || Date.now() - this.#readAt < freshMs) return { isKnown: true }
    const startedAt = performance.now()
    const described = await describe(source.url, signal)
    this.#isGone = !described.ok && described.code === 'relay/unreachable'
    if (!described.ok) return { isKnown: false }
    const tookMs = performance.now() - startedAt
    onRead(described.value)
    return { isKnown: true, tookMs }
  }

  /** Whether it can be read at this moment. Never so of a relay that is named by a multiaddr. */
  async isAnswering(signal: AbortSignal): Promise<boolean> {
    const { source, describe, onRead } = this.#options
    if (source.kind === 'multiaddr') return false
    const described = await describe(source.url, signal)
    if (described.ok) onRead(described.value)
    return described.ok
  }

  /** How long it takes to read on a line that stands already; `undefined` when it cannot be read. */
  async measure(signal: AbortSignal): Promise<number | undefined> {
    const { source, describe, onRead } = this.#options
    if (source.kind === 'multiaddr') return undefined
    const first = await describe(source.url, signal)
    const startedAt = performance.now()
    const described = first.ok ? await describe(source.url, signal) : first
    if (!described.ok) return undefined
    const tookMs = performance.now() - startedAt
    onRead(described.value)
    return tookMs
  }
}
