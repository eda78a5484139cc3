import type { TaskGroup } from '@tsugi/bounded'
import { type Limits, limitsUnderLoad } from '@tsugi/protocol'

import type { OwnCircuitService } from '../circuit/own-circuit-service.ts'
import type { Refusals } from '../refusals.ts'
import { RelayError } from '../relay-error.ts'
import type { RelayEvent } from '../relay-events.ts'
import type { GuardEvent, GuardStats } from './guard-events.ts'
import { LoadControl } from './load-control.ts'
import { MemoryGuard, type MemoryReader } from './memory-guard.ts'
import { memoryShares } from './memory-level.ts'
import { PeerActivity } from './peer-activity.ts'
import { type PeerUse, circuitsToShed, peersToShed, unusedPeers } from './shedding.ts'

const sampleIntervalMs = 1_000
/** Peers that use nothing are looked for every so many samples, and only while limits are tightened. */
const samplesPerSweep = 10
/** How much of the last second the bandwidth in use is made of; the rest is what it was before. */
const newestPart = 0.2
/** A relay that starts with more than this share of its memory would soon turn away whoever comes. */
const startShare = 0.7

/** What the guard acts on; known once the node has started. */
export interface GuardedParts {
  readonly circuits: Pick<
    OwnCircuitService,
    'circuits' | 'circuitsOf' | 'reservations' | 'closeCircuit' | 'setLimits' | 'stats'
  >
  readonly hasTopics: (peer: string) => boolean
  /** Relays are no guests: they are never closed to make room. */
  readonly isRelay: (peer: string) => boolean
  /** Ends a peer's reservation and closes its connections. */
  readonly closePeer: (peer: string) => boolean
}

/** What {@link RelayGuard} wants to know. */
export interface RelayGuardOptions {
  readonly limits: Limits
  /** Without it, memory is not watched. */
  readonly memory?: MemoryReader | undefined
  readonly refusals: Refusals
  readonly onEvent: (event: GuardEvent) => void
  readonly now?: () => number
}

/**
 * Keeps the relay within its means: limits tighten as memory, bandwidth, circuits or reservations fill up, and relax after; what is
 * idlest is closed before the system would end the process.
 */
export class RelayGuard {
  readonly #options: RelayGuardOptions
  readonly #now: () => number
  readonly #activity: PeerActivity
  readonly #memory: MemoryGuard | undefined
  readonly #load: LoadControl
  #parts: GuardedParts | undefined
  #limits: Limits
  #closedCircuits = 0
  #closedPeers = 0
  #samples = 0
  #lastBytes = 0
  #bytesPerSecond = 0

  constructor(options: RelayGuardOptions) {
    const { limits, memory, onEvent } = options
    const now = options.now ?? Date.now
    const limitBytes = limits.relayMemoryBytes
    this.#options = options
    this.#now = now
    this.#limits = limits
    this.#activity = new PeerActivity(now)
    this.#load = new LoadControl(now, change => {
      this.#limits = limitsUnderLoad(limits, change.factor)
      this.#parts?.circuits.setLimits(this.#limits)
      onEvent({ type: 'limits:factor', ...change })
    })
    if (memory === undefined || !Number.isFinite(limitBytes)) return
    this.#memory = new MemoryGuard({
      limitBytes,
      memory,
      now,
      onLevel: change => onEvent({ type: 'memory:level', ...change, limitBytes }),
      shed: () => this.#shed(),
      onExhausted: () => onEvent({ type: 'memory:exhausted', rssBytes: this.#memory?.rssBytes ?? 0, limitBytes }),
    })
  }

  /** The limits in force now. */
  readonly limits = (): Limits => this.#limits

  /** Whether memory is so full that nobody new gets this: a reservation from `warn` on, anything else from `shed` on. */
  isOverloaded(kind: 'reserve' | 'connect' | 'join'): boolean {
    const level = this.#memory?.level ?? 'normal'
    return level === 'shed' || level === 'drain' || (level === 'warn' && kind === 'reserve')
  }

  stats(): GuardStats {
    return {
      level: this.#memory?.level ?? 'normal',
      rssBytes: this.#memory?.rssBytes ?? 0,
      limitBytes: this.#options.limits.relayMemoryBytes,
      load: this.#load.load,
      factor: this.#load.factor,
      closedCircuits: this.#closedCircuits,
      closedPeers: this.#closedPeers,
    }
  }

  /**
   * Begins to watch a relay that has started.
   *
   * @throws RelayError `relay/memory-too-small` when the relay takes most of its memory before anybody has come
   */
  attach(parts: GuardedParts, tasks: TaskGroup): void {
    this.#requireRoom()
    this.#parts = parts
    tasks.interval('guard', sampleIntervalMs, () => this.sample())
  }

  /** Follows what happens in the relay. */
  onEvent(event: RelayEvent): void {
    const activity = this.#activity
    if (event.type === 'peer:connect') activity.add(event.peer)
    else if (event.type === 'peer:disconnect') activity.remove(event.peer)
    else if (event.type === 'reservation:created') activity.touch(event.peer)
    else if (event.type === 'circuit:accepted' || event.type === 'circuit:closed') {
      const { source, target, lastActiveAtMs } = event.circuit
      // That it was closed is nothing that its peers did.
      activity.touch(source, lastActiveAtMs)
      activity.touch(target, lastActiveAtMs)
    }
  }

  /** A peer said something on a topic. */
  readonly onMessage = (peer: string): void => this.#activity.touch(peer)

  /** Looks at memory and load, and acts. */
  sample(): void {
    if (this.#parts === undefined) return
    this.#samples += 1
    this.#memory?.sample()
    this.#load.sample(this.#measureLoad(this.#parts))
    if (this.#load.factor < 1 && this.#samples % samplesPerSweep === 0) this.#closeUnused()
  }

  #measureLoad({ circuits }: GuardedParts): number {
    const { relayBytesPerSecond, relayPeers, relayReservations, peerCircuits } = this.#options.limits
    const { circuits: open, reservations, totals, besideBytes } = circuits.stats()
    const allBytes = totals.bytes + besideBytes
    const bytes = allBytes - this.#lastBytes
    this.#lastBytes = allBytes
    this.#bytesPerSecond += ((bytes * 1_000) / sampleIntervalMs - this.#bytesPerSecond) * newestPart
    return Math.max(
      this.#memory?.share ?? 0,
      shareOf(this.#bytesPerSecond, relayBytesPerSecond),
      shareOf(reservations, relayReservations),
      // Each circuit counts for both of its peers.
      shareOf(open * 2, relayPeers * peerCircuits),
    )
  }

  #shed(): void {
    const parts = this.#parts
    if (parts === undefined) return
    const circuits = circuitsToShed(parts.circuits.circuits(), this.#now())
    let peers = 0
    for (const { id } of circuits) parts.circuits.closeCircuit(id, 'overloaded')
    // Peers cost far more than circuits that nobody uses; they are closed once there are none of those left.
    if (circuits.length === 0)
      for (const { peer } of peersToShed(this.#uses(parts))) if (parts.closePeer(peer)) peers += 1
    this.#closedCircuits += circuits.length
    this.#closedPeers += peers
    this.#options.onEvent({ type: 'memory:shed', circuits: circuits.length, peers })
  }

  /** While others need the room, who came for nothing goes. */
  #closeUnused(): void {
    const parts = this.#parts
    if (parts === undefined) return
    for (const { peer } of unusedPeers(this.#uses(parts), this.#now(), this.#options.limits.peerUnusedMs)) {
      if (!parts.closePeer(peer)) continue
      this.#options.refusals.add('peer/unused', peer)
      this.#closedPeers += 1
    }
  }

  #uses({ circuits, hasTopics, isRelay }: GuardedParts): PeerUse[] {
    const reserved = new Set(circuits.reservations().map(each => each.peer))
    const guests = [...this.#activity.peers()].filter(peer => !isRelay(peer))
    return guests.map(peer => {
      const open = circuits.circuitsOf(peer)
      const times = open.map(each => each.lastActiveAtMs)
      return {
        peer,
        lastActiveAtMs: Math.max(this.#activity.at(peer) ?? 0, ...times),
        hasReservation: reserved.has(peer),
        hasTopics: hasTopics(peer),
        circuits: open.length,
      }
    })
  }

  #requireRoom(): void {
    const { memory, limits } = this.#options
    if (this.#memory === undefined || memory === undefined) return
    if (memory.rssBytes() >= limits.relayMemoryBytes * startShare) memory.reclaim?.()
    const rssBytes = memory.rssBytes()
    if (rssBytes < limits.relayMemoryBytes * memoryShares.warn) return
    throw new RelayError(
      'relay/memory-too-small',
      `The relay takes ${megabytes(rssBytes)} MB before anybody has come, and is allowed ${megabytes(limits.relayMemoryBytes)} MB: allow it at least ${megabytes(rssBytes / startShare)} MB.`,
    )
  }
}

function shareOf(used: number, limit: number): number {
  if (used === 0) return 0
  return limit === 0 ? 1 : used / limit
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6)
}
