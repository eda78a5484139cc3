import type { Connection } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { tryGetNetConfig } from '@libp2p/utils'

import { normalizeAddress } from '../addresses/address-prefix.ts'
import type { CircuitRecord } from '../circuit/circuit-table.ts'
import type { OwnCircuitService } from '../circuit/own-circuit-service.ts'
import type { HeldReservation } from '../circuit/reservation-table.ts'
import type { RelayNode } from '../create-node.ts'
import type { RelayEvent } from '../relay-events.ts'
import { type PeerTraffic, PeerTotals } from './peer-totals.ts'

/** How a peer is connected. */
export type TransportName = 'websocket' | 'webrtc-direct' | 'webtransport' | 'other'

/** One connected peer, as it was when it was asked about. */
export interface PeerView extends PeerTraffic {
  /** Its peer id. */
  readonly peer: string
  /** The IP addresses that it comes from, in the form that a ban takes. */
  readonly addresses: readonly string[]
  readonly transports: readonly TransportName[]
  /** When the oldest of its connections was opened. */
  readonly connectedAtMs: number
  readonly app: string
  readonly connections: number
  readonly streams: number
  /** Circuits now, at either end. */
  readonly circuits: number
  /** When its reservation ends; `null` when it holds none. */
  readonly reservedUntilMs: number | null
}

/** What an operator can look at in a relay, and end. */
export interface RelayViews {
  /** Everybody who is connected. */
  peers(): PeerView[]
  /** `undefined` when nobody of that id is connected. */
  peer(peer: string): PeerView | undefined
  /** Circuits that stand or are being joined. */
  circuits(): CircuitRecord[]
  /** `undefined` when there is no such circuit any more. */
  circuit(id: number): CircuitRecord | undefined
  reservations(): HeldReservation[]
  /** Closes a circuit with the reason `closed`; answers whether there was one. */
  closeCircuit(id: number): boolean
  /** Ends a peer's reservation and closes its connections; answers whether it was connected. It may come back. */
  closePeer(peer: string): boolean
}

/** What {@link createRelayViews} looks into. */
export interface RelayViewsOptions {
  readonly node: Pick<RelayNode, 'getConnections'>
  readonly circuits: Pick<
    OwnCircuitService,
    'circuits' | 'circuit' | 'circuitsOf' | 'closeCircuit' | 'reservations' | 'revoke'
  >
  readonly appOf: (peer: string) => string
}

/** The views of a relay, and the listener that keeps their sums. */
export function createRelayViews({ node, circuits, appOf }: RelayViewsOptions): {
  readonly views: RelayViews
  readonly onEvent: (event: RelayEvent) => void
} {
  const connectionsOf = (peer: string): Connection[] => {
    try {
      return node.getConnections(peerIdFromString(peer))
    } catch {
      // What is no peer id is nobody's.
      return []
    }
  }
  const totals = new PeerTotals(peer => connectionsOf(peer).length > 0)

  const view = (peer: string, connections: readonly Connection[], reservedUntilMs: number | null): PeerView => {
    const open = circuits.circuitsOf(peer)
    return {
      peer,
      addresses: [...new Set(connections.map(addressOf))],
      transports: [...new Set(connections.map(transportOf))],
      connectedAtMs: Math.min(...connections.map(each => each.timeline.open)),
      app: appOf(peer),
      connections: connections.length,
      streams: connections.reduce((sum, each) => sum + each.streams.length, 0),
      circuits: open.length,
      reservedUntilMs,
      ...totals.of(peer, open),
    }
  }
  const reservedUntil = (): Map<string, number> =>
    new Map(circuits.reservations().map(each => [each.peer, each.expiresAtMs]))

  return {
    onEvent(event) {
      if (event.type === 'circuit:closed') totals.addClosed(event.circuit)
      else if (event.type === 'peer:disconnect') totals.removePeer(event.peer)
    },
    views: {
      peers() {
        const reserved = reservedUntil()
        const byPeer = Map.groupBy(node.getConnections(), each => each.remotePeer.toString())
        return [...byPeer].map(([peer, connections]) => view(peer, connections, reserved.get(peer) ?? null))
      },
      peer(peer) {
        const connections = connectionsOf(peer)
        return connections.length === 0 ? undefined : view(peer, connections, reservedUntil().get(peer) ?? null)
      },
      circuits: () => circuits.circuits(),
      circuit: id => circuits.circuit(id),
      reservations: () => circuits.reservations(),
      closeCircuit: id => circuits.closeCircuit(id, 'closed'),
      closePeer(peer) {
        const connections = connectionsOf(peer)
        if (connections.length === 0) return false
        circuits.revoke(peer, 'revoked')
        for (const connection of connections) connection.abort(new Error('The operator ended the connection.'))
        return true
      },
    },
  }
}

function addressOf({ remoteAddr }: Connection): string {
  const host = tryGetNetConfig(remoteAddr)?.host
  return host === undefined ? remoteAddr.toString() : normalizeAddress(host)
}

function transportOf({ remoteAddr }: Connection): TransportName {
  const names = new Set(remoteAddr.getComponents().map(each => each.name))
  if (names.has('webrtc-direct')) return 'webrtc-direct'
  if (names.has('webtransport')) return 'webtransport'
  return names.has('ws') || names.has('wss') ? 'websocket' : 'other'
}
