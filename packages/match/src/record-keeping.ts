import { defaultLimits, keptRecordId } from '@tsugi/protocol'

import { type RecordKeeper } from './session-ports.ts'

/** What {@link RecordKeeping} needs of its session. */
export interface RecordKeepingOptions {
  readonly keeper: RecordKeeper
  /** All records that are held, parents first. */
  readonly held: () => readonly Uint8Array[]
  readonly seal: (record: Uint8Array) => Uint8Array
  readonly mayBring: () => boolean
  /** Takes in what was kept; answers whether any of it was new. */
  readonly onFound: (sealed: readonly Uint8Array[]) => boolean
  readonly isRunning: () => boolean
  readonly now: () => number
}

/** How much of what was handed over is remembered: with the records of a game, as many ids as fit into one request. */
const maxSeen = 2_500

/** Keeps a session and whoever keeps its records in step: gives it what is new, and compares when something may be missing on either side. */
export class RecordKeeping {
  readonly #options: RecordKeepingOptions
  #kept: Promise<unknown> = Promise.resolve()
  #comparing = false
  #mustCompare = false
  #comparedAt = 0
  #seen: readonly Uint8Array[] = []

  constructor(options: RecordKeepingOptions) {
    this.#options = options
  }

  /** Has own records kept once they are stored here. What cannot be kept now is found missing by the next comparison. */
  keep(records: readonly Uint8Array[], isStored: Promise<boolean>): void {
    const { keeper, seal } = this.#options
    this.#kept = Promise.all([isStored, this.#kept]).then(async ([isSafe]) => {
      if (isSafe && !(await keeper.keep(records.map(seal)).catch(() => false))) this.#mustCompare = true
    })
  }

  /** Resolves when everything that was to be kept has been, or could not be. */
  async settled(): Promise<void> {
    await this.#kept
  }

  /** Compares now, or after the comparison that is under way. */
  compare(): void {
    this.#mustCompare = true
    if (!this.#comparing) void this.#compare()
  }

  /** Tries again, now and then, what did not go well. */
  tick(): void {
    const isDue = this.#options.now() - this.#comparedAt >= defaultLimits.gameHeadIntervalMs
    if (this.#mustCompare && isDue && !this.#comparing) void this.#compare()
  }

  async #compare(): Promise<void> {
    const { keeper, held, seal, mayBring, onFound, isRunning, now } = this.#options
    this.#comparing = true
    let isDone = true
    while (this.#mustCompare && isDone && isRunning()) {
      this.#mustCompare = false
      this.#comparedAt = now()
      isDone = await keeper
        .compare({
          held: () => held().map(seal),
          mayBring: mayBring(),
          seen: this.#seen,
          onFound: sealed => {
            this.#seen = [...this.#seen, ...sealed.map(keptRecordId)].slice(-maxSeen)
            // What one keeper had, another may lack.
            if (onFound(sealed)) this.#mustCompare = true
          },
        })
        .catch(() => false)
    }
    this.#mustCompare ||= !isDone
    this.#comparing = false
  }
}
