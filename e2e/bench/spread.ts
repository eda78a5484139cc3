/** The value below which a share of the samples lies (nearest rank). */
function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

/** Samples as a row of the table: how many, median, 99th percentile, least and most. */
export function spread(samples: readonly number[], unit = 'ms'): string {
  const text = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`
  return [
    `${samples.length}`,
    text(percentile(samples, 0.5)),
    text(percentile(samples, 0.99)),
    `${text(Math.min(...samples))} – ${text(Math.max(...samples))}`,
  ].join(' | ')
}
