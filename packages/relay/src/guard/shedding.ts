import type { CircuitRecord } from '../circuit/circuit-table.ts'

/** What a peer has here. */
export interface PeerUse {
  readonly peer: string
  /** By its own doing, its circuits included. */
  readonly lastActiveAtMs: number
  readonly hasReservation: boolean
  readonly hasTopics: boolean
  readonly circuits: number
}

/** A circuit over which something has travelled so recently is in use, whatever else there is. */
const circuitInUseMs = 30_000
/** A batch is a twentieth of what there is, and at least a few, so that the end is near even with few. */
const batchShare = 0.05
const smallestBatch = 4

/** The idlest circuits, those that nobody uses now, the idlest first. */
export function circuitsToShed(circuits: readonly CircuitRecord[], nowMs: number): CircuitRecord[] {
  return circuits
    .filter(each => each.state === 'connected' && nowMs - each.lastActiveAtMs >= circuitInUseMs)
    .toSorted((a, b) => a.lastActiveAtMs - b.lastActiveAtMs)
    .slice(0, batchOf(circuits.length))
}

/** The idlest peers: first who uses nothing, then who only waits to be reached, then who plays; of each, the idlest first. */
export function peersToShed(peers: readonly PeerUse[]): PeerUse[] {
  return peers
    .toSorted((a, b) => worth(a) - worth(b) || a.lastActiveAtMs - b.lastActiveAtMs)
    .slice(0, batchOf(peers.length))
}

/** Who has had time enough, and uses nothing. */
export function unusedPeers(peers: readonly PeerUse[], nowMs: number, unusedMs: number): PeerUse[] {
  return peers.filter(each => worth(each) === 0 && nowMs - each.lastActiveAtMs >= unusedMs)
}

function worth({ circuits, hasTopics, hasReservation }: PeerUse): number {
  if (circuits > 0 || hasTopics) return 2
  return hasReservation ? 1 : 0
}

function batchOf(count: number): number {
  return Math.max(smallestBatch, Math.ceil(count * batchShare))
}
