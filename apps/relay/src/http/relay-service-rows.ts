import { durationBounds } from '../history/service-counts.ts'
import { type Totals, totalsBelow } from '../history/totals.ts'
import type { MetricRow, MetricValue } from './metrics-rows.ts'

/**
 * go-libp2p's words for the statuses of Circuit Relay v2 (p2p/protocol/circuitv2/relay/metrics.go), so that a dashboard made for its relay
 * shows ours. It says "ip constraint violation" for RESERVATION_REFUSED; with us the slots are taken.
 */
const statuses: Readonly<Record<string, { readonly answer: 'ok' | 'rejected' | 'error'; readonly reason?: string }>> = {
  OK: { answer: 'ok' },
  RESERVATION_REFUSED: { answer: 'rejected', reason: 'ip constraint violation' },
  RESOURCE_LIMIT_EXCEEDED: { answer: 'rejected', reason: 'resource limit exceeded' },
  PERMISSION_DENIED: { answer: 'rejected', reason: 'permission denied' },
  NO_RESERVATION: { answer: 'rejected', reason: 'no reservation' },
  MALFORMED_MESSAGE: { answer: 'rejected', reason: 'malformed message' },
  UNEXPECTED_MESSAGE: { answer: 'error' },
  CONNECTION_FAILED: { answer: 'error' },
}

const name = (rest: string): string => `libp2p_relaysvc_${rest}`

const byStatus = (rest: string, help: string, prefix: string): MetricRow => ({
  name: name(rest),
  help,
  kind: 'counter',
  labels: ['status'],
  values: ({ totals }) =>
    summed('status', totalsBelow(prefix, totals), status => statuses[status]?.answer ?? 'unknown'),
})

const byReason = (rest: string, help: string, prefix: string): MetricRow => ({
  name: name(rest),
  help,
  kind: 'counter',
  labels: ['reason'],
  values: ({ totals }) => summed('reason', totalsBelow(prefix, totals), status => statuses[status]?.reason),
})

const byType = (rest: string, help: string, prefix: string, types: readonly string[]): MetricRow => ({
  name: name(rest),
  help,
  kind: 'counter',
  labels: ['type'],
  values: ({ totals }) => types.map(type => ({ labels: { type }, value: totals[prefix + type] ?? 0 })),
})

/** The relay service, under the names of go-libp2p. */
export const relayServiceRows: readonly MetricRow[] = [
  {
    name: name('status'),
    help: 'Whether the relay service takes reservations',
    kind: 'gauge',
    values: ({ stats }) => [{ value: stats.isDraining ? 0 : 1 }],
  },
  byType('reservations_total', 'Reservations', 'reservation/', ['opened', 'renewed', 'closed']),
  byStatus('reservation_request_response_status_total', 'Answers to reservation requests', 'reservationStatus/'),
  byReason('reservation_rejections_total', 'Reservation requests rejected, by reason', 'reservationStatus/'),
  byType('connections_total', 'Circuits', 'circuit/', ['opened', 'closed']),
  byStatus('connection_request_response_status_total', 'Answers to circuit requests', 'circuitStatus/'),
  byReason('connection_rejections_total', 'Circuit requests rejected, by reason', 'circuitStatus/'),
  {
    name: name('data_transferred_bytes_total'),
    help: 'Bytes passed on by circuits',
    kind: 'counter',
    values: ({ totals }) => [{ value: totals['bytes'] ?? 0 }],
  },
]

/** How long circuits lasted: the values of a histogram, each bucket holding what the ones before it hold. */
export const durationHistogram = {
  name: name('connection_duration_seconds'),
  help: 'How long circuits lasted',
  values: (totals: Totals): ReadonlyArray<MetricValue & { readonly metricName: string }> => {
    const buckets = totalsBelow('circuitDuration/', totals)
    let count = 0
    const lines = [...durationBounds.map(String), 'more'].map(bound => {
      count += buckets[bound] ?? 0
      return {
        metricName: name('connection_duration_seconds_bucket'),
        labels: { le: bound === 'more' ? '+Inf' : bound },
        value: count,
      }
    })
    return [
      ...lines,
      { metricName: name('connection_duration_seconds_sum'), value: totals['circuitSeconds'] ?? 0 },
      { metricName: name('connection_duration_seconds_count'), value: count },
    ]
  },
}

/** Adds up what goes under one label; what has none is left out. */
function summed(label: string, totals: Totals, labelOf: (key: string) => string | undefined): MetricValue[] {
  const sums = new Map<string, number>()
  for (const [key, value] of Object.entries(totals)) {
    const text = labelOf(key)
    if (text !== undefined) sums.set(text, (sums.get(text) ?? 0) + value)
  }
  return [...sums].map(([text, value]) => ({ labels: { [label]: text }, value }))
}
