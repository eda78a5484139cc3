import { cpus, totalmem } from 'node:os'

import { type RelayKind, relayKinds } from './measured-relay.ts'

/** The value below which a share of the samples lies. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

const text = (value: number): string => {
  if (Number.isNaN(value)) return '–'
  return value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0)
}

/** Samples of both relays, by what was measured; one sample a round. */
export class Figures {
  readonly #rows = new Map<string, Record<RelayKind, number[]>>()

  add(name: string, kind: RelayKind, value: number): void {
    const row = this.#rows.get(name) ?? { stock: [], own: [] }
    row[kind].push(value)
    this.#rows.set(name, row)
  }

  /** A Markdown table: medians, and the ratio of each round. */
  toString(): string {
    const lines = [...this.#rows].map(([name, row]) => {
      const [stock, own] = relayKinds.map(kind => text(percentile(row[kind], 0.5)))
      const ratios = row.own.map((value, round) => value / (row.stock[round] ?? Number.NaN)).filter(Number.isFinite)
      const spread =
        ratios.length === 0
          ? '–'
          : `${text(percentile(ratios, 0.5))} (${text(Math.min(...ratios))} – ${text(Math.max(...ratios))})`
      return `| ${name} | ${stock} | ${own} | ${spread} |`
    })
    return ['| what | stock | ours | ratio (spread over the rounds) |', '| --- | --- | --- | --- |', ...lines].join(
      '\n',
    )
  }
}

/** On what it was measured. */
export function machineLine(): string {
  const [first] = cpus()
  return `Machine: ${cpus().length} × ${first?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB; Node ${process.version}.`
}
