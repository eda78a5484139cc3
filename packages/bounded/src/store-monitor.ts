/** What a store says about itself. */
export interface StoreReading {
  /** Requests since the start. */
  readonly operations: number
  /** Entries held: records, games, peers. */
  readonly logs: number
  /** About how many bytes they have. */
  readonly bytes: number
}

/** A store is nearly full. */
export interface StoreWarning<Store extends string = string> extends StoreReading {
  readonly type: 'store:warning'
  readonly store: Store
  /** How much of it is used, 0 to 1, by whichever of its ceilings is nearest. */
  readonly used: number
}

/** What {@link StoreMonitor} wants to know. */
export interface StoreMonitorOptions<Store extends string> {
  readonly store: Store
  /** What the store holds now, and how much of its room that is, 0 to 1. */
  readonly read: () => StoreReading & { readonly used: number }
  readonly onWarning: (warning: StoreWarning<Store>) => void
  /** At what use it warns, 0 to 1. Default 0.8. */
  readonly threshold?: number
}

/** A store that hovers at the threshold must fall so far below it before it is warned of again. */
const margin = 0.05

/** Watches a store: tells once when its use crosses the threshold, and again only after it has fallen below. */
export class StoreMonitor<Store extends string> {
  readonly #options: StoreMonitorOptions<Store>
  readonly #threshold: number
  #isAbove = false

  constructor(options: StoreMonitorOptions<Store>) {
    this.#options = options
    this.#threshold = options.threshold ?? 0.8
  }

  /** Looks at the store; called again and again by its owner. */
  check(): void {
    const { store, read, onWarning } = this.#options
    const { operations, logs, bytes, used } = read()
    const wasAbove = this.#isAbove
    this.#isAbove = used >= this.#threshold - (wasAbove ? margin : 0)
    if (this.#isAbove && !wasAbove) onWarning({ type: 'store:warning', store, operations, logs, bytes, used })
  }
}
