import { monitorEventLoopDelay } from 'node:perf_hooks'

import type { RelayStats } from '@tsugi/relay'
import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client'

/** The metrics of one relay process. */
export interface Metrics {
  readonly contentType: string
  /** The text of `/metrics`, with the figures of this moment. */
  render(): Promise<string>
  /** A promise that nobody awaited failed somewhere below; the process goes on. */
  countUnhandledRejection(): void
  /** Ends the measuring of the event loop. */
  close(): void
}

interface Row {
  readonly name: string
  readonly help: string
  readonly kind: 'gauge' | 'counter'
  readonly value: (stats: RelayStats) => number
}

/** Names ending in `_total` that are gauges are older than the convention; dashboards know them so. */
const rows: readonly Row[] = [
  {
    name: 'memory_store_operations_total',
    kind: 'counter',
    help: 'Reads and writes of what is remembered about peers',
    value: s => s.memoryStore.operations,
  },
  {
    name: 'memory_store_logs_total',
    kind: 'gauge',
    help: 'Entries remembered about peers',
    value: s => s.memoryStore.entries,
  },
  {
    name: 'address_book_peers_total',
    kind: 'gauge',
    help: 'Peers in the address book',
    value: s => s.addressBookPeers,
  },
  { name: 'topic_streams_active_total', kind: 'gauge', help: 'Topics routed', value: s => s.gossip.topics },
  { name: 'tsugi_streams', kind: 'gauge', help: 'Streams open on all connections', value: s => s.streams },
  {
    name: 'gossip_buffer_entries_total',
    kind: 'gauge',
    help: 'Gossip messages kept for repetition',
    value: s => s.gossip.bufferedMessages,
  },
  {
    name: 'libp2p_relaysvc_status',
    kind: 'gauge',
    help: 'Whether the relay service takes reservations',
    value: s => (s.isDraining ? 0 : 1),
  },
  { name: 'tsugi_peers', kind: 'gauge', help: 'Peers connected', value: s => s.peers },
  { name: 'tsugi_connections', kind: 'gauge', help: 'Connections open', value: s => s.connections },
  { name: 'tsugi_reservations', kind: 'gauge', help: 'Reservations held', value: s => s.circuits.reservations },
  {
    name: 'tsugi_reservations_released_total',
    kind: 'counter',
    help: 'Reservations ended because their peer left',
    value: s => s.circuits.reservationsReleased,
  },
  { name: 'tsugi_circuits', kind: 'gauge', help: 'Circuits open', value: s => s.circuits.circuits },
  { name: 'tsugi_topics', kind: 'gauge', help: 'Topics routed', value: s => s.gossip.topics },
  {
    name: 'tsugi_gossip_messages_total',
    kind: 'counter',
    help: 'Gossip messages let in',
    value: s => s.gossip.messages,
  },
  {
    name: 'tsugi_gossip_bytes_total',
    kind: 'counter',
    help: 'Bytes of gossip messages let in',
    value: s => s.gossip.bytes,
  },
  {
    name: 'tsugi_stun_requests_total',
    kind: 'counter',
    help: 'Datagrams at the STUN port',
    value: s => s.stun.requests,
  },
  { name: 'tsugi_stun_responses_total', kind: 'counter', help: 'STUN answers sent', value: s => s.stun.responses },
  { name: 'tsugi_uptime_seconds', kind: 'gauge', help: 'Time since the relay started', value: s => s.uptimeMs / 1_000 },
]

const quantiles = [50, 90, 99] as const

/** @param statsOf - `undefined` while the relay starts */
export function createMetrics(statsOf: () => RelayStats | undefined, version: string): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()
  let unhandledRejections = 0

  const metrics = rows.map(row => {
    const options = { name: row.name, help: row.help, registers: [registry] }
    return { row, metric: row.kind === 'gauge' ? new Gauge(options) : new Counter(options) }
  })
  const refusals = new Counter({
    name: 'tsugi_refusals_total',
    help: 'What was turned away, by reason',
    labelNames: ['reason'],
    registers: [registry],
  })
  const delays = new Gauge({
    name: 'tsugi_event_loop_delay_seconds',
    help: 'How late the event loop was since the last scrape',
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

  const collect = (stats: RelayStats): void => {
    for (const { row, metric } of metrics) {
      const value = row.value(stats)
      if (metric instanceof Gauge) {
        metric.set(value)
      } else {
        metric.reset()
        metric.inc(value)
      }
    }
    refusals.reset()
    for (const [reason, count] of Object.entries(stats.refusals)) refusals.inc({ reason }, count)
  }

  return {
    contentType: registry.contentType,
    async render() {
      const stats = statsOf()
      if (stats !== undefined) collect(stats)
      for (const percentile of quantiles) {
        const nanoseconds = delay.percentile(percentile)
        delays.set({ quantile: String(percentile / 100) }, Number.isFinite(nanoseconds) ? nanoseconds / 1e9 : 0)
      }
      delay.reset()
      rejections.reset()
      rejections.inc(unhandledRejections)
      return registry.metrics()
    },
    countUnhandledRejection: () => {
      unhandledRejections += 1
    },
    close() {
      delay.disable()
      registry.clear()
    },
  }
}
