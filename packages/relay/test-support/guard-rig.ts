import { TaskGroup } from '@tsugi/bounded'
import { type Limits, defaultLimits } from '@tsugi/protocol'

import type { CircuitRecord } from '../src/circuit/circuit-table.ts'
import { CircuitCounters } from '../src/circuit/circuit-totals.ts'
import { RelayGuard } from '../src/guard/relay-guard.ts'
import { Refusals } from '../src/refusals.ts'
import { createFakeTimers } from './fake-timers.ts'

/**
 * A guard over a relay that the test makes up, with a memory of 1,000 bytes, and a clock that the test moves. With `collects` it is asked
 * to collect its garbage, of which there is none.
 */
export function createGuardRig(limits: Partial<Limits> = {}, { collects = false } = {}) {
  const timers = createFakeTimers()
  const memory = { used: 500, live: 0 }
  const traffic = { bytes: 0, besideBytes: 0 }
  const circuits = new Map<number, CircuitRecord>()
  const peers = new Set<string>()
  const reserved = new Set<string>()
  const relays = new Set<string>()
  const closed: string[] = []
  const refusals = new Refusals()
  const configured = { ...defaultLimits, relayMemoryBytes: 1_000, ...limits }
  let inForce: Pick<Limits, 'peerBytesPerSecond' | 'circuitDurationMs'> = configured
  const guard = new RelayGuard({
    limits: configured,
    memory: { rssBytes: () => memory.used, liveBytes: () => memory.live, ...(collects && { reclaim() {} }) },
    refusals,
    onEvent() {},
    now: () => timers.now(),
  })
  guard.attach(
    {
      circuits: {
        circuits: () => [...circuits.values()],
        circuitsOf: peer => [...circuits.values()].filter(each => each.source === peer || each.target === peer),
        reservations: () => Array.from(reserved, peer => ({ peer, sinceMs: 0, expiresAtMs: 0 })),
        closeCircuit(id) {
          closed.push(`circuit ${id}`)
          const circuit = circuits.get(id)
          if (circuit !== undefined) guard.onEvent({ type: 'circuit:closed', circuit, reason: 'overloaded' })
          return circuits.delete(id)
        },
        setLimits: next => void (inForce = next),
        stats: () => ({
          reservations: reserved.size,
          circuits: circuits.size,
          reservationsReleased: 0,
          bufferedBytes: 0,
          besideBytes: traffic.besideBytes,
          totals: { ...new CircuitCounters().totals(), bytes: traffic.bytes },
        }),
      },
      hasTopics: () => false,
      isRelay: peer => relays.has(peer),
      closePeer(peer) {
        closed.push(`peer ${peer}`)
        guard.onEvent({ type: 'peer:disconnect', peer })
        return peers.delete(peer)
      },
    },
    new TaskGroup({ timers }),
  )
  return {
    guard,
    memory,
    traffic,
    reserved,
    relays,
    closed,
    refusals,
    /** Those that the circuit service was given last. */
    limits: () => inForce,
    /** They connect, a moment after each other. */
    connect(...names: string[]) {
      for (const peer of names) {
        peers.add(peer)
        guard.onEvent({ type: 'peer:connect', peer })
        timers.advance(1)
      }
    },
    /** A circuit that carries nothing. */
    circuit(id: number, source: string, target: string) {
      const none = { packets: 0, bytes: 0 }
      const now = timers.now()
      const times = { createdAtMs: now, lastActiveAtMs: now + id }
      const fixed = { app: 'default', kind: 'circuit', state: 'connected', port: null } as const
      circuits.set(id, { id, source, target, ...fixed, ...times, fromSource: none, fromTarget: none })
    },
    advance: (ms: number) => timers.advance(ms),
  }
}
