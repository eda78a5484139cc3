import type { ArchiveStats } from './archive/archive-store.ts'
import type { CircuitStats } from './circuit/circuit-service.ts'
import type { RelayDiscoveryStats } from './discovery/relay-discovery.ts'
import type { GossipStats } from './gossip/gossip-router.ts'
import type { GuardStats } from './guard/guard-events.ts'
import type { RecordStoreStats } from './records/record-store.ts'
import type { VolatileStats } from './store/volatile-datastore.ts'
import type { StunStats } from './stun/stun-server.ts'
import type { TransportFigures } from './views/transport-counts.ts'
import type { TransportName } from './views/transport-name.ts'
import type { OptionalTransport } from './ways-in.ts'

/** A relay's figures at one moment. */
export interface RelayStats {
  /** Distinct peers connected. */
  readonly peers: number
  readonly connections: number
  /** Streams open on all connections. */
  readonly streams: number
  /** Connections by how they came, now and since the start. */
  readonly transports: Readonly<Record<TransportName, TransportFigures>>
  readonly circuits: CircuitStats
  readonly gossip: GossipStats
  /** The sealed records that are kept for players who are not there. */
  readonly records: RecordStoreStats
  /** Games that their players have published. */
  readonly archive: ArchiveStats
  readonly relays: RelayDiscoveryStats
  /** Zeros when the STUN server is off. */
  readonly stun: StunStats
  /** Peers of which something is remembered, connected or not. */
  readonly addressBookPeers: number
  /** What is remembered about peers, in memory. */
  readonly memoryStore: VolatileStats
  /** How often each reason for a refusal came up. */
  readonly refusals: Readonly<Record<string, number>>
  /** Memory, load, and how limits follow them. */
  readonly guard: GuardStats
  readonly uptimeMs: number
  /** Ways in that were wanted and could not be opened. */
  readonly failedTransports: readonly OptionalTransport[]
  /** Ways in that are open and not among the announced addresses, so that no peer comes by them. */
  readonly unannouncedTransports: readonly OptionalTransport[]
  readonly isDraining: boolean
}
