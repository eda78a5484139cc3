/** What is looked at again and again: sizes by name, the same names each time. */
export type Sizes = Readonly<Record<string, number>>

/** One look. */
interface Sample {
  readonly atMs: number
  readonly sizes: Sizes
}

/** Memory may differ by so much between the second and the last quarter of a run: collectors and allocators breathe. */
const allowedGrowth = 0.25
/** A run shorter than this says nothing about growth: what is loaded once is still being loaded. */
const growthFromMs = 20 * 60_000

/** Everything that was seen during a soak. Keeps a bounded number of looks: when it is full, every other one is left out. */
export class Samples {
  readonly #limit: number
  #samples: Sample[] = []
  #keepEvery = 1
  #seen = 0

  constructor(limit = 2_000) {
    this.#limit = limit
  }

  add(atMs: number, sizes: Sizes): void {
    this.#seen += 1
    if (this.#seen % this.#keepEvery !== 0) return
    this.#samples.push({ atMs, sizes })
    if (this.#samples.length < this.#limit) return
    this.#samples = this.#samples.filter((_, index) => index % 2 === 0)
    this.#keepEvery *= 2
  }

  /** Names whose median in the last quarter is too far above that of the second one; none of a run that was to be short. */
  growths(names: readonly string[], durationMs: number): string[] {
    if (durationMs < growthFromMs) return []
    const lastMs = this.#samples.at(-1)?.atMs ?? 0
    return names.flatMap(name => {
      const [early, late] = [this.#median(name, lastMs / 4, lastMs / 2), this.#median(name, (lastMs * 3) / 4, lastMs)]
      return late <= early * (1 + allowedGrowth) ? [] : [`${name} grew from ${early} to ${late}`]
    })
  }

  /** A row for each size: first, median of each quarter, most, last. */
  table(): string {
    const lastMs = this.#samples.at(-1)?.atMs ?? 0
    const names = Object.keys(this.#samples[0]?.sizes ?? {})
    const rows = names.map(name => {
      const values = this.#samples.map(({ sizes }) => sizes[name] ?? 0)
      const quarters = [0, 1, 2, 3].map(quarter =>
        this.#median(name, (lastMs * quarter) / 4, (lastMs * (quarter + 1)) / 4),
      )
      return `| ${[name, ...quarters, Math.max(...values), values.at(-1)].join(' | ')} |`
    })
    return [
      '| size | 1st quarter | 2nd | 3rd | 4th | most | last |',
      '| --- | --- | --- | --- | --- | --- | --- |',
      ...rows,
    ].join('\n')
  }

  #median(name: string, fromMs: number, toMs: number): number {
    const values = this.#samples
      .filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
      .map(({ sizes }) => sizes[name] ?? 0)
      .toSorted((a, b) => a - b)
    return values[Math.floor(values.length / 2)] ?? 0
  }
}
