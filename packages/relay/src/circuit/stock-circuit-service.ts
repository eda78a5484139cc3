import {
  type CircuitRelayService,
  type CircuitRelayServerComponents,
  RELAY_V2_STOP_CODEC,
  circuitRelayServer,
} from '@libp2p/circuit-relay-v2'
import type { Limits } from '@tsugi/protocol'

import type { CircuitService } from './circuit-service.ts'

/** Requests of one peer that may be open at once: each circuit's HOP stream stays open as long as the circuit. */
const hopStreamsPerConnection = 64
/** Node fires a longer timer at once. */
const longestTimerMs = 2 ** 31 - 1

/**
 * The server of `@libp2p/circuit-relay-v2`, set up so that a game survives on it.
 *
 * What it cannot do, and the next server will: limits per peer, bandwidth, exact data limits (it counts both directions
 * together), backpressure. It writes `Limit.duration` in milliseconds where the specification has seconds, so clients read a
 * duration a thousand times too long; the relay itself enforces the right one.
 */
export function createStockCircuitService(
  limits: Pick<
    Limits,
    'relayReservations' | 'reservationTtlMs' | 'circuitBytes' | 'circuitDurationMs' | 'peerCircuits'
  >,
): CircuitService {
  let server: CircuitRelayService | undefined
  let reservationsReleased = 0
  // Without limits the clients would take a relayed connection for a direct one, so one finite limit keeps both.
  const hasLimits = Number.isFinite(limits.circuitBytes) || Number.isFinite(limits.circuitDurationMs)
  const create = circuitRelayServer({
    maxInboundHopStreams: hopStreamsPerConnection,
    maxOutboundHopStreams: hopStreamsPerConnection,
    maxOutboundStopStreams: hopStreamsPerConnection,
    reservations: {
      maxReservations: limits.relayReservations,
      reservationTtl: Math.min(limits.reservationTtlMs, longestTimerMs),
      applyDefaultLimit: hasLimits,
      ...(Number.isFinite(limits.circuitDurationMs)
        ? { defaultDurationLimit: limits.circuitDurationMs }
        : { defaultDurationLimit: longestTimerMs }),
      // Both directions share the stock server's counter.
      defaultDataLimit: Number.isFinite(limits.circuitBytes) ? BigInt(limits.circuitBytes) * 2n : 2n ** 62n,
    },
  })
  return {
    service: (components: CircuitRelayServerComponents) => {
      server = create(components)
      return server
    },
    releasePeer(peer) {
      // The stock server keeps a reservation until its time is over, and counts it against the ceiling until then.
      const reservation = server?.reservations.get(peer)
      if (reservation === undefined) return
      reservation.signal.clear()
      server?.reservations.delete(peer)
      reservationsReleased += 1
    },
    stats(connections) {
      let circuits = 0
      for (const connection of connections) {
        for (const stream of connection.streams) {
          if (stream.protocol === RELAY_V2_STOP_CODEC && stream.direction === 'outbound') circuits += 1
        }
      }
      return { reservations: server?.reservations.size ?? 0, circuits, reservationsReleased }
    },
  }
}
