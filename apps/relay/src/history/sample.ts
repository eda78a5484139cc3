import type { Totals } from './totals.ts'

/**
 * The figures of one moment, or of one step of time: gauges are means, rates are per second, delays are the worst. A new name is a column of
 * zeros in the histories that were kept before it.
 */
export const sampleColumns = [
  'peers',
  'connections',
  'reservations',
  'circuits',
  'topics',
  'relayedBytesPerSecond',
  'gossipBytesPerSecond',
  'refusalsPerSecond',
  'rssBytes',
  'heapUsedBytes',
  'cpuShare',
  'loopDelayP50Ms',
  'loopDelayP99Ms',
  'load',
  'limitsFactor',
] as const

/** The name of a figure. */
export type SampleColumn = (typeof sampleColumns)[number]

/** One sample. */
export interface Sample {
  /** When its time ended. */
  readonly atMs: number
  readonly values: Readonly<Record<SampleColumn, number>>
  /** What was refused in its time, by reason; reasons that did not come up are absent. */
  readonly refusals: Totals
}

const worst = new Set<SampleColumn>(['loopDelayP50Ms', 'loopDelayP99Ms'])

/** One sample for the time of several: means, the worst delay, refusals added up. It ends when the last of them does. */
export function mergeSamples(samples: readonly Sample[]): Sample {
  const refusals: Record<string, number> = {}
  for (const sample of samples) {
    for (const [reason, count] of Object.entries(sample.refusals)) refusals[reason] = (refusals[reason] ?? 0) + count
  }
  const values = Object.fromEntries(
    sampleColumns.map(column => {
      const all = samples.map(sample => sample.values[column])
      const value = worst.has(column) ? Math.max(0, ...all) : all.reduce((sum, each) => sum + each, 0) / all.length
      return [column, rounded(value)]
    }),
  ) as Record<SampleColumn, number>
  return { atMs: samples.at(-1)?.atMs ?? 0, values, refusals }
}

/** Four digits tell everything that a chart can show, and keep the file small. */
export function rounded(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : 0
}
