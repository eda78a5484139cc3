import { LOAD_STEPS } from '@tsugi/protocol'

import { type MemoryLevel, memoryShares, nextLevel } from './memory-level.ts'

/** Samples in a row at 95 % that end the relay: one alone may be a moment's garbage. */
const exhaustedSamples = 5
/** What was freed is only seen once it has been collected. Where that can be asked for, it is, before each batch. */
const batchIntervalMs = 2_000
const batchIntervalWithoutReclaimMs = 10_000
/** Collecting stops the relay for some 100 ms, so before a level rises to `warn` it happens no oftener than this. */
const reclaimToWarnMs = 10_000
/** While limits are tightened it happens to see whether they can relax; where it brings little, ever more seldom. */
const reclaimWhileFullMs = 30_000
const longestReclaimMs = 10 * 60_000
const worthwhileShare = 0.02
/** From this share on memory tightens limits, and below the other it does so no longer. */
const { tightensAt: fullFrom, relaxesBelow: fullUntil } = LOAD_STEPS[1]

/** How the memory of the process is read, and given back. */
export interface MemoryReader {
  /** Resident memory now. */
  rssBytes(): number
  /** What lives on the heap and in buffers beside it. By this is known what was freed although the system's allocator keeps it. */
  liveBytes?(): number
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
  /** Freed, but still resident: it will be used again before the process grows. */
  #keptBytes = 0
  /** Since the last collection. */
  #lowestRssBytes = Number.POSITIVE_INFINITY
  #collected: { readonly rssBytes: number; readonly liveBytes: number } | undefined
  #isFull = false
  #samplesAtEnd = 0
  #lastBatchAt = Number.NEGATIVE_INFINITY
  #lastReclaimAt = Number.NEGATIVE_INFINITY
  #whileFullMs = reclaimWhileFullMs

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

  /** What is in use, of the limit. */
  get share(): number {
    return (this.#rssBytes - this.#keptBytes) / this.#options.limitBytes
  }

  sample(): void {
    if (this.#level === 'drain') return
    this.#rssBytes = this.#options.memory.rssBytes()
    this.#lowestRssBytes = Math.min(this.#lowestRssBytes, this.#rssBytes)
    const isReal = this.#options.memory.reclaim === undefined || this.#reclaimIfDue()
    // Nobody is turned away or closed for memory that may be garbage: what is worse than before has to be real.
    if (!isReal && this.#isWorse()) return
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

  /** Whether the level would rise, or memory is at its end. */
  #isWorse(): boolean {
    const next = nextLevel(this.#level, this.share)
    return this.share >= memoryShares.drain || (next !== this.#level && next !== 'normal' && this.#level !== 'shed')
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

  /** V8 keeps what it has freed, so level and load are judged by what is really in use. */
  #reclaimIfDue(): boolean {
    const { memory, now } = this.#options
    this.#isFull = this.share >= (this.#isFull ? fullUntil : fullFrom)
    if (!this.#isFull && this.#level !== 'shed') return false
    if (now() - this.#lastReclaimAt < this.#reclaimIntervalMs()) return false
    const before = this.share
    memory.reclaim?.()
    this.#lastReclaimAt = now()
    this.#rssBytes = memory.rssBytes()
    this.#follow(this.#rssBytes, memory.liveBytes?.() ?? 0)
    const isWorthwhile = before - this.share >= worthwhileShare
    this.#whileFullMs = isWorthwhile ? reclaimWhileFullMs : Math.min(this.#whileFullMs * 2, longestReclaimMs)
    return true
  }

  /**
   * Buffers are the allocator's, and glibc returns little of what they leave: closing peers would never seem to help. What was freed
   * and is still resident counts as free; growth that nobody freed before counts as used, whoever's it is.
   */
  #follow(rssBytes: number, liveBytes: number): void {
    const before = this.#collected ?? { rssBytes, liveBytes }
    const freed = before.liveBytes - liveBytes
    // What had been returned before it grew again was returned; what was taken since is seen in the growth.
    const returned = before.rssBytes - (freed > 0 ? Math.min(this.#lowestRssBytes, rssBytes) : rssBytes)
    this.#keptBytes = Math.max(0, this.#keptBytes + Math.min(freed - returned, Math.max(freed, 0)))
    this.#collected = { rssBytes, liveBytes }
    this.#lowestRssBytes = rssBytes
  }

  #reclaimIntervalMs(): number {
    if (this.share >= memoryShares.drain) return 0
    if (this.share >= memoryShares.shed || this.#level === 'shed') return batchIntervalMs
    if (this.share >= memoryShares.warn && this.#level === 'normal') return reclaimToWarnMs
    return this.#hasFallen() ? reclaimWhileFullMs : this.#whileFullMs
  }

  /** Whether far less lives than after the last collection, by what V8 has collected of itself. */
  #hasFallen(): boolean {
    const { memory, limitBytes } = this.#options
    if (this.#collected === undefined || memory.liveBytes === undefined) return false
    return this.#collected.liveBytes - memory.liveBytes() >= limitBytes * worthwhileShare
  }
}
