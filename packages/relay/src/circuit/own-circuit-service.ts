import type { PeerId } from '@libp2p/interface'

import type { CircuitCloseReason } from './circuit-events.ts'
import type { CircuitLimits } from './circuit-limits.ts'
import type { CircuitComponents } from './circuit-parts.ts'
import { CircuitServer, type CircuitServerOptions } from './circuit-server.ts'
import type { CircuitService } from './circuit-service.ts'
import type { CircuitQuery, CircuitRecord } from './circuit-table.ts'
import { CircuitCounters } from './circuit-totals.ts'
import type { HeldReservation } from './reservation-table.ts'

/** Our Circuit Relay v2 server behind the seam, with what the statistics and admin APIs ask for. */
export interface OwnCircuitService extends CircuitService {
  circuit(id: number): CircuitRecord | undefined
  circuits(): CircuitRecord[]
  findCircuits(query: CircuitQuery): { readonly total: number; readonly items: CircuitRecord[] }
  circuitsOf(peer: string): CircuitRecord[]
  /** The order does not matter. */
  circuitsBetween(one: string, other: string): CircuitRecord[]
  reservations(): HeldReservation[]
  hasReservation(peer: string): boolean
  /** @returns whether there was such a circuit */
  closeCircuit(id: number, reason?: CircuitCloseReason): boolean
  /** Ends a peer's reservation, and its circuits at once when it was banned. */
  revoke(peer: string, reason: 'revoked' | 'banned'): void
  /** Closes what a peer has with others since it belongs to another app. */
  checkApp(peer: PeerId): void
  /** Spends the relay's bandwidth on something else; answers 0, or how many milliseconds to wait before asking again. */
  spendBeside(bytes: number): number
  /** New limits for what comes from now on; rates change at once. */
  setLimits(limits: CircuitLimits): void
}

/**
 * Creates a Circuit Relay v2 server (libp2p/specs/relay/circuit-v2.md): reservations that end with their peer's connection, vouchers,
 * circuits with exact limits, backpressure and fair bandwidth, and an account of every one of them.
 */
export function createOwnCircuitService(options: CircuitServerOptions): OwnCircuitService {
  let server: CircuitServer | undefined
  const make = (components: CircuitComponents): CircuitServer => {
    server = new CircuitServer(components, options)
    return server
  }
  const list = (ids: Iterable<number> = []): CircuitRecord[] =>
    Array.from(ids, id => server?.circuits.table.get(id)).filter(each => each !== undefined)
  return {
    service: make,
    releasePeer: peer => server?.releasePeer(peer),
    stats() {
      const totals = (server?.counters ?? new CircuitCounters()).totals()
      return {
        reservations: server?.held.size ?? 0,
        circuits: server?.circuits.joined ?? 0,
        reservationsReleased: totals.reservationsEnded['disconnected'] ?? 0,
        bufferedBytes: server?.circuits.bufferedBytes ?? 0,
        besideBytes: server?.circuits.besideBytes ?? 0,
        totals,
      }
    },
    circuit: id => server?.circuits.table.get(id),
    circuits: () => list(server?.circuits.table.ids()),
    findCircuits: query => server?.circuits.table.find(query) ?? { total: 0, items: [] },
    circuitsOf: peer => list(server?.circuits.table.ofPeer(peer)),
    circuitsBetween: (one, other) => list(server?.circuits.table.ofPair(one, other)),
    reservations: () => server?.held.list() ?? [],
    hasReservation: peer => server?.held.get(peer) !== undefined,
    closeCircuit: (id, reason = 'closed') => server?.circuits.close(id, reason) ?? false,
    revoke: (peer, reason) => server?.revoke(peer, reason),
    checkApp: peer => server?.checkApp(peer),
    spendBeside: bytes => server?.circuits.spendBeside(bytes) ?? 0,
    setLimits: limits => server?.setLimits(limits),
  }
}
