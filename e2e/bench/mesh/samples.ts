/** What has not come after so long counts as never. */
export const neverMs = 45_000

/** One sample, in milliseconds; undefined for never. */
interface Sample {
  readonly ms: number | undefined
  /** Of it, what came after the fault had ended. */
  readonly afterMs: number | undefined
}

/** What was measured, by its name in the table. */
export class Samples {
  readonly #samples = new Map<string, Sample[]>()

  note(name: string, ms: number | undefined, afterMs?: number): void {
    this.#samples.set(name, [...this.of(name), { ms, afterMs }])
  }

  of(name: string): readonly Sample[] {
    return this.#samples.get(name) ?? []
  }

  get names(): string[] {
    return [...this.#samples.keys()]
  }
}

/** Ours beside stock, as Markdown. */
export function table(ours: Samples, stock: Samples): string {
  const rows = ours.names
    .toSorted((one, other) => Number(other.startsWith('direct')) - Number(one.startsWith('direct')))
    .map(name => {
      const [mine, theirs] = [ours.of(name), stock.of(name)]
      return `| ${name} | ${words(theirs)} | ${words(mine)} | ${ratio(mine, theirs)} |`
    })
  return ['| what | stock | ours | ratio (spread) |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

function words(samples: readonly Sample[]): string {
  if (samples.length === 0) return '–'
  const came = samples.filter(({ ms }) => ms !== undefined).toSorted((a, b) => a.ms! - b.ms!)
  if (came.length === 0) return `never (within ${neverMs / 1_000} s)`
  const { ms = 0, afterMs } = came[Math.floor((came.length - 1) / 2)]!
  const after = afterMs === undefined || ms < afterMs ? '' : `, ${seconds(afterMs)} after its end`
  const missing = samples.length - came.length
  return `${seconds(ms)}${after}${missing === 0 ? '' : `; never in ${missing} of ${samples.length}`}`
}

/** Sample by sample: both of a pair met the same machine. */
function ratio(ours: readonly Sample[], stock: readonly Sample[]): string {
  const ratios = ours
    .flatMap(({ ms }, index) => {
      const theirs = stock[index]?.ms
      return ms === undefined || theirs === undefined ? [] : [ms / theirs]
    })
    .toSorted((a, b) => a - b)
  if (ratios.length === 0) return '–'
  const [least, median, most] = [ratios[0]!, ratios[Math.floor((ratios.length - 1) / 2)]!, ratios.at(-1)!]
  return `${median.toFixed(2)} (${least.toFixed(2)} – ${most.toFixed(2)})`
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`
}
