/**
 * The Tsugi relay node as a library: circuits between peers that cannot reach each other, a route for their gossip, STUN, and
 * WebSocket on an HTTP server that serves other things too. It takes a config and returns a handle; it reads no environment,
 * opens no HTTP port and writes no log line by itself.
 *
 * @packageDocumentation
 */
export { type AddressSet, addressKey, createAddressSet } from './addresses/address-prefix.ts'
export type { Ban, BanKind, BanOutcome, BanRequest } from './admission/ban.ts'
export type { BanEvent, Bans } from './admission/bans.ts'
export type { Archive } from './archive/archive-room.ts'
export type { ArchivedChain, ArchivedGame } from './archive/archived-game.ts'
export type { ArchiveStats } from './archive/archive-store.ts'
export type { VerifiedGame, VerifyGame, VerifyRefusal } from './archive/verified-game.ts'
export type { CircuitEvent } from './circuit/circuit-events.ts'
export { idlePresetsMs } from './circuit/circuit-limits.ts'
export type { CircuitStats } from './circuit/circuit-service.ts'
export type { CircuitQuery, CircuitRecord, CircuitState } from './circuit/circuit-table.ts'
export { describeCircuitEvent } from './circuit/describe-circuit-event.ts'
export type { HeldReservation } from './circuit/reservation-table.ts'
export { createRelay } from './create-relay.ts'
export type { Relay } from './relay.ts'
export type { GuardEvent, GuardStats } from './guard/guard-events.ts'
export type { MemoryReader } from './guard/memory-guard.ts'
export type { MemoryLevel } from './guard/memory-level.ts'
export type { GossipStats } from './gossip/gossip-router.ts'
export type { RecordStoreStats } from './records/record-store.ts'
export type { RefusalReason } from './refusals.ts'
export type { RelayConfig } from './relay-config.ts'
export { RelayError, type RelayErrorCode } from './relay-error.ts'
export type { RelayEvent, RelayEvents } from './relay-events.ts'
export type { RelayStats } from './relay-stats.ts'
export type { VolatileStats } from './store/volatile-datastore.ts'
export type { StunStats } from './stun/stun-server.ts'
export type { PeerQuery, PeerView, RelayViews } from './views/relay-views.ts'
export type { TransportFigures } from './views/transport-counts.ts'
export type { TransportName } from './views/transport-name.ts'
export { remoteAddressOf } from './websocket/remote-address.ts'
