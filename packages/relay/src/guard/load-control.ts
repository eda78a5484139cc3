import { LOAD_STEPS, relaxAfterMs } from '@tsugi/protocol'

/** Which step of the load table is in force. Tightens at once, relaxes step by step once the load has stayed low. */
export class LoadControl {
  readonly #now: () => number
  readonly #onFactor: (change: { factor: number; previous: number; load: number }) => void
  #step = 0
  #load = 0
  /** Since when the load has been low enough to relax. */
  #lowSince: number | undefined

  constructor(now: () => number, onFactor: (change: { factor: number; previous: number; load: number }) => void) {
    this.#now = now
    this.#onFactor = onFactor
  }

  /** 1 as configured, less when tightened. */
  get factor(): number {
    return LOAD_STEPS[this.#step]?.factor ?? 1
  }

  /** The share of the fullest resource, as of the last sample. */
  get load(): number {
    return this.#load
  }

  /** @param load - the share of the fullest resource; 1 is full */
  sample(load: number): void {
    this.#load = load
    const wanted = LOAD_STEPS.findLastIndex(each => load >= each.tightensAt)
    if (wanted > this.#step) return this.#take(wanted)
    if (load >= (LOAD_STEPS[this.#step]?.relaxesBelow ?? 0)) {
      this.#lowSince = undefined
      return
    }
    this.#lowSince ??= this.#now()
    if (this.#now() - this.#lowSince >= relaxAfterMs) this.#take(this.#step - 1)
  }

  #take(step: number): void {
    const previous = this.factor
    this.#step = step
    this.#lowSince = undefined
    this.#onFactor({ factor: this.factor, previous, load: this.#load })
  }
}
