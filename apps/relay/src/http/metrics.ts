import { Counter, Gauge, type Metric, Registry, collectDefaultMetrics } from 'prom-client'

import type { ProcessWatch } from '../history/process-watch.ts'
import { type MetricFigures, type MetricRow, metricRows } from './metrics-rows.ts'
import { durationHistogram } from './relay-service-rows.ts'

/** The metrics of one relay process. */
export interface Metrics {
  readonly contentType: string
  /** The text of `/metrics`, with the figures of this moment. */
  render(): Promise<string>
  /** A promise that nobody awaited failed somewhere below; the process goes on. */
  countUnhandledRejection(): void
  close(): void
}

/** What {@link createMetrics} needs. */
export interface MetricsOptions {
  /** `undefined` while the relay starts. */
  readonly figures: () => MetricFigures | undefined
  readonly watch: Pick<ProcessWatch, 'delay'>
  readonly version: string
}

const quantiles = [
  ['0.5', 'p50Ms'],
  ['0.9', 'p90Ms'],
  ['0.99', 'p99Ms'],
  ['1', 'maxMs'],
] as const

/** Puts the relay's figures, the process's and prom-client's own into one registry. */
export function createMetrics({ figures, watch, version }: MetricsOptions): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  let unhandledRejections = 0
  const fill = metricRows.map(row => registerRow(registry, row))
  const durations = { totals: {} as MetricFigures['totals'] }
  registerDurations(registry, () => durations.totals)
  const delays = new Gauge({
    name: 'tsugi_event_loop_delay_seconds',
    help: 'How late the event loop was in the last 10 s',
    labelNames: ['quantile'],
    registers: [registry],
  })
  const rejections = new Counter({
    name: 'tsugi_unhandled_rejections_total',
    help: 'Promises that failed unnoticed',
    registers: [registry],
  })
  new Gauge({ name: 'tsugi_info', help: 'The version', labelNames: ['version'], registers: [registry] }).set(
    { version },
    1,
  )

  return {
    contentType: registry.contentType,
    async render() {
      const now = figures()
      if (now !== undefined) {
        for (const each of fill) each(now)
        durations.totals = now.totals
      }
      for (const [quantile, name] of quantiles) delays.set({ quantile }, watch.delay[name] / 1_000)
      rejections.reset()
      rejections.inc(unhandledRejections)
      return registry.metrics()
    },
    countUnhandledRejection: () => {
      unhandledRejections += 1
    },
    close: () => registry.clear(),
  }
}

/** Registers a metric; the answer writes its values of a moment into it. */
function registerRow(registry: Registry, row: MetricRow): (figures: MetricFigures) => void {
  const labelNames = [...(row.labels ?? [])]
  const options = { name: row.name, help: row.help, labelNames, registers: [registry] }
  const metric = row.kind === 'gauge' ? new Gauge(options) : new Counter(options)
  return figures => {
    metric.reset()
    for (const { labels = {}, value } of row.values(figures)) {
      if (metric instanceof Gauge) metric.set(labels, value)
      else metric.inc(labels, value)
    }
  }
}

/** prom-client's histogram counts by itself from zero; this one shows counts that survive restarts. */
function registerDurations(registry: Registry, totals: () => MetricFigures['totals']): void {
  const { name, help, values } = durationHistogram
  const metric = {
    name,
    help,
    get: () => Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values: values(totals()) }),
    reset() {},
  }
  registry.registerMetric(metric as unknown as Metric)
}
