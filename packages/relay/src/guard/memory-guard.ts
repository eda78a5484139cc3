import { type MemoryLevel, memoryShares, nextLevel } from './memory-level.ts'

/** Samples in a row at 95 % that end the relay: one alone may be a moment's garbage. */
const exhaustedSamples = 5
/** What was freed is only seen once it has been collected. Where that can be asked for, it is, before each batch. */
const batchIntervalMs = 2_000
const batchIntervalWithoutReclaimMs = 10_000
/** Collecting stops the relay for some 100 ms, so it happens no oftener than this while memory is merely high… */
const reclaimIntervalMs = 30_000
/** …and, where it brings little, ever more seldom. */
const longestReclaimIntervalMs = 10 * 60_000
const worthwhileShare = 0.02

/** How the memory of the process is read, and given back. */
export interface MemoryReader {
  /** Resident memory now. */
  rssBytes(): number
  /** Collects garbage and gives free pages back to the system, at once. Without it, memory that is free counts as used. */
  reclaim?(): void
}

/** What {@link MemoryGuard} wants to know. */
export interface MemoryGuardOptions {
  readonly limitBytes: number
  readonly memory: MemoryReader
  readonly now: () => number
  readonly onLevel: (change: { level: MemoryLevel; previous: MemoryLevel; rssBytes: number }) => void
  /** Closes a small batch of what is idlest; called again until memory is low enough. */
  readonly shed: () => void
  /** Called once, when memory stayed at its end in spite of everything. */
  readonly onExhausted: () => void
}

/** Watches the memory of the process and acts before the system does. Somebody calls {@link sample} each second. */
export class MemoryGuard {
  readonly #options: MemoryGuardOptions
  #level: MemoryLevel = 'normal'
  #rssBytes = 0
  #samplesAtEnd = 0
  #lastBatchAt = Number.NEGATIVE_INFINITY
  #lastReclaimAt = Number.NEGATIVE_INFINITY
  #reclaimIntervalMs = reclaimIntervalMs

  constructor(options: MemoryGuardOptions) {
    this.#options = options
    this.#rssBytes = options.memory.rssBytes()
  }

  get level(): MemoryLevel {
    return this.#level
  }

  /** As of the last sample. */
  get rssBytes(): number {
    return this.#rssBytes
  }

  /** Of the limit. */
  get share(): number {
    return this.#rssBytes / this.#options.limitBytes
  }

  sample(): void {
    if (this.#level === 'drain') return
    this.#rssBytes = this.#options.memory.rssBytes()
    this.#reclaimIfNeeded()
    this.#samplesAtEnd = this.share >= memoryShares.drain ? this.#samplesAtEnd + 1 : 0
    const level = this.#samplesAtEnd >= exhaustedSamples ? 'drain' : nextLevel(this.#level, this.share)
    this.#enter(level)
    if (level === 'drain') {
      this.#options.onExhausted()
    } else if (level === 'shed' && this.#isBatchDue()) {
      this.#lastBatchAt = this.#options.now()
      this.#options.shed()
    }
  }

  #enter(level: MemoryLevel): void {
    const previous = this.#level
    if (level === previous) return
    this.#level = level
    this.#options.onLevel({ level, previous, rssBytes: this.#rssBytes })
  }

  #isBatchDue(): boolean {
    const interval = this.#options.memory.reclaim === undefined ? batchIntervalWithoutReclaimMs : batchIntervalMs
    return this.#options.now() - this.#lastBatchAt >= interval
  }

  /** V8 keeps what it has freed, so before anybody is turned away or closed, the level is judged by what is really in use. */
  #reclaimIfNeeded(): void {
    const { memory, now } = this.#options
    if (memory.reclaim === undefined || this.share < memoryShares.warn) return
    const isShedding = this.#level === 'shed' || this.share >= memoryShares.shed
    const interval = isShedding ? batchIntervalMs : this.#reclaimIntervalMs
    if (now() - this.#lastReclaimAt < interval) return
    const before = this.#rssBytes
    memory.reclaim()
    this.#lastReclaimAt = now()
    this.#rssBytes = memory.rssBytes()
    const isWorthwhile = before - this.#rssBytes >= this.#options.limitBytes * worthwhileShare
    this.#reclaimIntervalMs = isWorthwhile
      ? reclaimIntervalMs
      : Math.min(this.#reclaimIntervalMs * 2, longestReclaimIntervalMs)
  }
}
