import { type Sample, mergeSamples } from './sample.ts'

/** The last hour in steps of 10 s, the last day in steps of a minute. */
export const historySteps = {
  fine: { stepMs: 10_000, capacity: 360 },
  coarse: { stepMs: 60_000, capacity: 1_440 },
} as const

const samplesPerMinute = historySteps.coarse.stepMs / historySteps.fine.stepMs

/** What is kept of a history. */
export interface KeptHistory {
  readonly fine: readonly Sample[]
  readonly coarse: readonly Sample[]
}

/** Two rows of samples of a fixed length; the oldest leaves first. */
export class History {
  readonly #fine: Sample[] = []
  readonly #coarse: Sample[] = []
  /** Samples of the minute that has not ended. */
  #minute: Sample[] = []

  /** @param kept - what an earlier process left; what is of the future is left out */
  constructor(kept: KeptHistory = { fine: [], coarse: [] }, nowMs = Date.now()) {
    const isPast = ({ atMs }: Sample): boolean => atMs <= nowMs
    for (const sample of kept.fine.filter(isPast)) push(this.#fine, sample, historySteps.fine.capacity)
    for (const sample of kept.coarse.filter(isPast)) push(this.#coarse, sample, historySteps.coarse.capacity)
  }

  /** Adds the sample of the last 10 s. */
  add(sample: Sample): void {
    push(this.#fine, sample, historySteps.fine.capacity)
    this.#minute.push(sample)
    if (this.#minute.length < samplesPerMinute) return
    push(this.#coarse, mergeSamples(this.#minute), historySteps.coarse.capacity)
    this.#minute = []
  }

  /** The samples of a window that ends now: fine ones for up to an hour, else coarse ones. */
  window(windowMs: number, nowMs: number): { readonly stepMs: number; readonly samples: readonly Sample[] } {
    const isFine = windowMs <= historySteps.fine.stepMs * historySteps.fine.capacity
    const { stepMs } = isFine ? historySteps.fine : historySteps.coarse
    const samples = (isFine ? this.#fine : this.#coarse).filter(each => each.atMs > nowMs - windowMs)
    return { stepMs, samples }
  }

  /** Everything, for the disk. */
  kept(): KeptHistory {
    return { fine: [...this.#fine], coarse: [...this.#coarse] }
  }
}

function push(row: Sample[], sample: Sample, capacity: number): void {
  // A clock that was set back would leave a row that is in no order.
  while ((row.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY) >= sample.atMs) row.pop()
  row.push(sample)
  if (row.length > capacity) row.shift()
}
