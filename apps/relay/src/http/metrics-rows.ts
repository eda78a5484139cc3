import type { MemoryLevel, RelayStats } from '@tsugi/relay'

import type { Totals } from '../history/totals.ts'
import { relayServiceRows } from './relay-service-rows.ts'

/** What metrics are made of: the state of now, and counters since the relay's first start. */
export interface MetricFigures {
  readonly stats: RelayStats
  readonly totals: Totals
}

/** One metric. */
export interface MetricRow {
  readonly name: string
  readonly help: string
  readonly kind: 'gauge' | 'counter'
  /** The names of its labels. */
  readonly labels?: readonly string[]
  readonly values: (figures: MetricFigures) => readonly MetricValue[]
}

/** One line of a metric. */
export interface MetricValue {
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}

const gauge = (name: string, help: string, value: (stats: RelayStats) => number): MetricRow => ({
  name,
  help,
  kind: 'gauge',
  values: ({ stats }) => [{ value: value(stats) }],
})

const counter = (name: string, help: string, total: string): MetricRow => ({
  name,
  help,
  kind: 'counter',
  values: ({ totals }) => [{ value: totals[total] ?? 0 }],
})

/** A counter with one label, whose values are the names below a prefix. */
const counters = (name: string, help: string, label: string, prefix: string): MetricRow => ({
  name,
  help,
  kind: 'counter',
  labels: [label],
  values: ({ totals }) =>
    Object.entries(totals)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => ({ labels: { [label]: key.slice(prefix.length) }, value })),
})

const memoryLevels: readonly MemoryLevel[] = ['normal', 'warn', 'shed', 'drain']

/** Every metric of the relay's own. Names ending in `_total` that are gauges are older than the convention; dashboards know them so. */
export const metricRows: readonly MetricRow[] = [
  counter('memory_store_operations_total', 'Requests to the store of records', 'recordOperations'),
  gauge('memory_store_logs_total', 'Records kept for players who are not there', s => s.records.records),
  gauge('address_book_peers_total', 'Peers in the address book', s => s.addressBookPeers),
  gauge('topic_streams_active_total', 'Topics routed', s => s.gossip.topics),
  gauge('gossip_buffer_entries_total', 'Gossip messages kept for repetition', s => s.gossip.bufferedMessages),
  ...relayServiceRows,
  gauge('tsugi_peers', 'Peers connected', s => s.peers),
  gauge('tsugi_connections', 'Connections open', s => s.connections),
  {
    name: 'tsugi_transport_connections',
    help: 'Connections open, by transport',
    kind: 'gauge',
    labels: ['transport'],
    values: ({ stats }) =>
      Object.entries(stats.transports).map(([transport, { connections }]) => ({
        labels: { transport },
        value: connections,
      })),
  },
  counters('tsugi_transport_connections_total', 'Connections opened, by transport', 'transport', 'opened/'),
  gauge('tsugi_streams', 'Streams open on all connections', s => s.streams),
  gauge('tsugi_reservations', 'Reservations held', s => s.circuits.reservations),
  counter('tsugi_reservations_released_total', 'Reservations ended because their peer left', 'reservationsReleased'),
  counters('tsugi_reservations_ended_total', 'Reservations that ended, by reason', 'reason', 'reservationEnd/'),
  gauge('tsugi_circuits', 'Circuits open', s => s.circuits.circuits),
  gauge(
    'tsugi_circuit_buffer_bytes',
    'Bytes that wait between the ends of all circuits',
    s => s.circuits.bufferedBytes,
  ),
  counters('tsugi_circuits_closed_total', 'Circuits that closed, by reason', 'reason', 'circuitEnd/'),
  counter('tsugi_circuit_packets_total', 'Packets passed on by circuits', 'packets'),
  counter(
    'tsugi_beside_circuits_bytes_total',
    'Bytes of the relay’s bandwidth beside circuits: kept records, published games',
    'besideBytes',
  ),
  gauge('tsugi_record_games', 'Games of which records are kept', s => s.records.games),
  gauge('tsugi_record_bytes', 'Bytes of the records kept', s => s.records.bytes),
  counter('tsugi_record_games_evicted_total', 'Games whose records were let go for want of room', 'recordGamesEvicted'),
  gauge('tsugi_archive_games', 'Games that their players have published', s => s.archive.games),
  gauge('tsugi_archive_bytes', 'Bytes of the published games', s => s.archive.bytes),
  gauge('tsugi_peer_store_entries', 'Entries remembered about peers', s => s.memoryStore.entries),
  gauge('tsugi_peer_store_bytes', 'Bytes remembered about peers', s => s.memoryStore.bytes),
  gauge('tsugi_topics', 'Topics routed', s => s.gossip.topics),
  gauge('tsugi_relays_known', 'Other relays known', s => s.relays.known),
  gauge('tsugi_relays_connected', 'Other relays meshed with', s => s.relays.connected),
  counter('tsugi_gossip_messages_total', 'Gossip messages let in', 'gossipMessages'),
  counter('tsugi_gossip_bytes_total', 'Bytes of gossip messages let in', 'gossipBytes'),
  counter(
    'tsugi_gossip_late_messages_total',
    'Gossip messages that came when the last guest of their topic had left',
    'gossipLate',
  ),
  counter('tsugi_stun_requests_total', 'Datagrams at the STUN port', 'stunRequests'),
  counter('tsugi_stun_responses_total', 'STUN answers sent', 'stunResponses'),
  counters('tsugi_refusals_total', 'What was turned away, by reason', 'reason', 'refusal/'),
  gauge('tsugi_memory_level', '0 normal, 1 warn, 2 shed, 3 drain', s => memoryLevels.indexOf(s.guard.level)),
  gauge('tsugi_memory_limit_bytes', 'What the memory guard takes for full', s => s.guard.limitBytes),
  gauge('tsugi_load_ratio', 'Share of the fullest of memory, bandwidth, circuits, reservations', s => s.guard.load),
  gauge('tsugi_limits_factor', 'What limits that follow the load are multiplied by', s => s.guard.factor),
  counter('tsugi_guard_closed_circuits_total', 'Circuits closed to make room', 'guardClosedCircuits'),
  counter('tsugi_guard_closed_peers_total', 'Peers closed to make room', 'guardClosedPeers'),
  gauge('tsugi_uptime_seconds', 'Time since the relay started', s => s.uptimeMs / 1_000),
  counter('tsugi_uptime_seconds_total', 'Time that the relay has run, all starts together', 'uptimeSeconds'),
]
