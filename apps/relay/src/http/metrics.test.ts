import { readFileSync } from 'node:fs'

import type { RelayEvent, RelayStats } from '@tsugi/relay'
import { afterEach, expect, test } from 'vitest'

import { createServiceCounts } from '../history/service-counts.ts'
import { type Totals, totalsOf } from '../history/totals.ts'
import { type Metrics, createMetrics } from './metrics.ts'

let metrics: Metrics | undefined
afterEach(() => metrics?.close())

const stats = {
  peers: 3,
  connections: 4,
  transports: { websocket: { connections: 3, opened: 9 }, 'webrtc-direct': { connections: 1, opened: 2 } },
  streams: 5,
  circuits: {
    circuits: 1,
    reservations: 2,
    reservationsReleased: 6,
    bufferedBytes: 7,
    besideBytes: 11,
    totals: { packets: 8, bytes: 900 },
  },
  relays: { known: 2, connected: 1 },
  gossip: { topics: 1, bufferedMessages: 2, messages: 3, bytes: 4, lateMessages: 0 },
  stun: { requests: 1, responses: 1 },
  memoryStore: { entries: 1, bytes: 1 },
  records: { operations: 2, evicted: 0, games: 1, records: 3, bytes: 4 },
  archive: { games: 2, bytes: 900, operations: 0, evicted: 0, damaged: 0 },
  guard: { level: 'shed', rssBytes: 1, limitBytes: 2, load: 0.5, factor: 0.25, closedCircuits: 0, closedPeers: 0 },
  addressBookPeers: 1,
  refusals: { 'address/joins': 2 },
  uptimeMs: 1_500,
  isDraining: false,
} as unknown as RelayStats

async function linesOf(totals: Totals): Promise<string[]> {
  const delay = { p50Ms: 1, p90Ms: 2, p99Ms: 3, maxMs: 40 }
  metrics = createMetrics({ figures: () => ({ stats, totals }), watch: { delay }, version: '1.2.3' })
  const first = await metrics.render()
  // Figures are written, not added: a second scrape says the same.
  expect((await metrics.render()).split('\n').filter(isOurs)).toEqual(first.split('\n').filter(isOurs))
  return first.split('\n')
}
const isOurs = (line: string): boolean => /^(libp2p|tsugi|memory_store)/.test(line)

test('A8: the relay service speaks go-libp2p’s metrics, names, labels and values', async () => {
  const counts = createServiceCounts()
  const now = Date.now()
  const circuit = { createdAtMs: now - 30_000 }
  const events = [
    { type: 'reservation:created' },
    { type: 'reservation:renewed' },
    { type: 'reservation:ended', reason: 'disconnected' },
    { type: 'reservation:refused', status: 'RESERVATION_REFUSED', reason: 'reservations-full' },
    { type: 'reservation:refused', status: 'RESOURCE_LIMIT_EXCEEDED', reason: 'overloaded' },
    { type: 'circuit:created', circuit },
    { type: 'circuit:accepted', circuit },
    { type: 'circuit:failed', status: 'NO_RESERVATION', reason: 'no-reservation' },
    { type: 'circuit:failed', status: 'CONNECTION_FAILED', reason: 'target-unreachable' },
    { type: 'circuit:closed', circuit, reason: 'idle' },
  ]
  for (const event of events) counts.onEvent(event as unknown as RelayEvent)
  const lines = await linesOf(totalsOf(stats, [counts.counts()]))
  for (const line of [
    'libp2p_relaysvc_status 1',
    'libp2p_relaysvc_reservations_total{type="opened"} 1',
    'libp2p_relaysvc_reservations_total{type="renewed"} 1',
    'libp2p_relaysvc_reservations_total{type="closed"} 1',
    'libp2p_relaysvc_reservation_request_response_status_total{status="ok"} 2',
    'libp2p_relaysvc_reservation_request_response_status_total{status="rejected"} 2',
    'libp2p_relaysvc_reservation_rejections_total{reason="ip constraint violation"} 1',
    'libp2p_relaysvc_reservation_rejections_total{reason="resource limit exceeded"} 1',
    'libp2p_relaysvc_connections_total{type="opened"} 1',
    'libp2p_relaysvc_connections_total{type="closed"} 1',
    'libp2p_relaysvc_connection_request_response_status_total{status="ok"} 1',
    'libp2p_relaysvc_connection_request_response_status_total{status="rejected"} 1',
    'libp2p_relaysvc_connection_request_response_status_total{status="error"} 1',
    'libp2p_relaysvc_connection_rejections_total{reason="no reservation"} 1',
    '# TYPE libp2p_relaysvc_connection_duration_seconds histogram',
    'libp2p_relaysvc_connection_duration_seconds_bucket{le="10"} 0',
    'libp2p_relaysvc_connection_duration_seconds_bucket{le="60"} 1',
    'libp2p_relaysvc_connection_duration_seconds_bucket{le="+Inf"} 1',
    'libp2p_relaysvc_connection_duration_seconds_count 1',
    'libp2p_relaysvc_data_transferred_bytes_total 900',
    'tsugi_circuits_closed_total{reason="idle"} 1',
    'tsugi_reservations_ended_total{reason="disconnected"} 1',
  ]) {
    expect(lines).toContain(line)
  }
})

test('B8: counters are those since the first start', async () => {
  const lines = await linesOf({ ...totalsOf(stats), 'refusal/address/joins': 12, gossipBytes: 1_000 })
  expect(lines).toContain('tsugi_refusals_total{reason="address/joins"} 12')
  expect(lines).toContain('tsugi_gossip_bytes_total 1000')
  expect(lines).toContain('tsugi_transport_connections{transport="webrtc-direct"} 1')
  expect(lines).toContain('tsugi_transport_connections_total{transport="webrtc-direct"} 2')
  expect(lines).toContain('tsugi_event_loop_delay_seconds{quantile="1"} 0.04')
  expect(lines).toContain('tsugi_uptime_seconds 1.5')
  expect(lines).toContain('tsugi_memory_level 2')
  expect(lines).toContain('tsugi_limits_factor 0.25')
  expect(lines).toContain('memory_store_operations_total 2')
  expect(lines).toContain('memory_store_logs_total 3')
})

test('the README names every metric of ours', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const names = (await linesOf(totalsOf(stats)))
    .map(line => /^# TYPE (?:tsugi_|libp2p_relaysvc_)?(\S+)/.exec(line)?.[1] ?? '')
    .filter(name => name !== '' && !/^(process|nodejs)_/.test(name))
  expect(names.length).toBeGreaterThan(30)
  expect(names.filter(name => !new RegExp(`\`${name}[\`{]`).test(readme))).toEqual([])
})
