import type { Connection } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'

import { normalizeAddress } from '../addresses/address-prefix.ts'
import { hostOf } from '../addresses/host-of.ts'
import type { CircuitQuery, CircuitRecord } from '../circuit/circuit-table.ts'
import type { OwnCircuitService } from '../circuit/own-circuit-service.ts'
import type { HeldReservation } from '../circuit/reservation-table.ts'
import type { RelayNode } from '../create-node.ts'
import type { RelayEvent } from '../relay-events.ts'
import { type PeerTraffic, PeerTotals } from './peer-totals.ts'
import { type TransportName, transportOf } from './transport-name.ts'

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

/** Which peers are wanted; what is left out matches everybody. */
export interface PeerQuery {
  /** A part of the peer id. */
  readonly peer?: string | undefined
  /** A part of an address. */
  readonly address?: string | undefined
  readonly app?: string | undefined
  readonly transport?: TransportName | undefined
  /** Whether they hold a reservation. */
  readonly isReserved?: boolean | undefined
  /** How many of those who match are left out, the newest first. */
  readonly offset?: number
  /** How many are wanted; default: all. */
  readonly limit?: number
}

/** What an operator can look at in a relay, and end. */
export interface RelayViews {
  /** Everybody who is connected, the newest first. */
  peers(): PeerView[]
  /** One page of those who match, the newest first, and how many match. Only that page costs more than a glance at each peer. */
  findPeers(query: PeerQuery): { readonly total: number; readonly items: PeerView[] }
  /** `undefined` when nobody of that id is connected. */
  peer(peer: string): PeerView | undefined
  /** Circuits that stand or are being joined. */
  circuits(): CircuitRecord[]
  /** One page of those that match, the newest first, and how many match. Only that page costs more than a glance at each circuit. */
  findCircuits(query: CircuitQuery): { readonly total: number; readonly items: CircuitRecord[] }
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
    'circuits' | 'findCircuits' | 'circuit' | 'circuitsOf' | 'closeCircuit' | 'reservations' | 'revoke'
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

  const view = ({ peer, connections, connectedAtMs, reservedUntilMs }: PeerGlance): PeerView => {
    const open = circuits.circuitsOf(peer)
    const remotes = connections.map(remoteOf)
    return {
      peer,
      addresses: [...new Set(remotes.map(each => each.address))],
      transports: [...new Set(remotes.map(each => each.transport))],
      connectedAtMs,
      app: appOf(peer),
      connections: connections.length,
      streams: connections.reduce((sum, each) => sum + each.streams.length, 0),
      circuits: open.length,
      reservedUntilMs,
      ...totals.of(peer, open),
    }
  }
  const glances = (): PeerGlance[] => {
    const reserved = new Map(circuits.reservations().map(each => [each.peer, each.expiresAtMs]))
    const byPeer = Map.groupBy(node.getConnections(), each => each.remotePeer.toString())
    return [...byPeer].map(([peer, connections]) => glanceAt(peer, connections, reserved.get(peer) ?? null))
  }
  const findPeers = (query: PeerQuery): { total: number; items: PeerView[] } => {
    const { peer, address, app, transport, isReserved, offset = 0, limit = Number.POSITIVE_INFINITY } = query
    const isWanted = (each: PeerGlance): boolean =>
      (peer === undefined || each.peer.includes(peer)) &&
      (isReserved === undefined || (each.reservedUntilMs !== null) === isReserved) &&
      (app === undefined || appOf(each.peer) === app) &&
      (transport === undefined || each.connections.some(one => remoteOf(one).transport === transport)) &&
      (address === undefined || each.connections.some(one => remoteOf(one).address.includes(address)))
    const found = glances()
      .filter(isWanted)
      .toSorted((a, b) => b.connectedAtMs - a.connectedAtMs)
    return { total: found.length, items: found.slice(offset, offset + limit).map(view) }
  }

  return {
    onEvent(event) {
      if (event.type === 'circuit:closed') totals.addClosed(event.circuit)
      else if (event.type === 'peer:disconnect') totals.removePeer(event.peer)
    },
    views: {
      peers: () => findPeers({}).items,
      findPeers,
      peer(peer) {
        const connections = connectionsOf(peer)
        if (connections.length === 0) return undefined
        const held = circuits.reservations().find(each => each.peer === peer)
        return view(glanceAt(peer, connections, held?.expiresAtMs ?? null))
      },
      circuits: () => circuits.circuits(),
      findCircuits: query => circuits.findCircuits(query),
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

/** What is at hand about a peer without looking anything up. */
interface PeerGlance {
  readonly peer: string
  readonly connections: readonly Connection[]
  readonly connectedAtMs: number
  readonly reservedUntilMs: number | null
}

function glanceAt(peer: string, connections: readonly Connection[], reservedUntilMs: number | null): PeerGlance {
  const connectedAtMs = connections.reduce((oldest, each) => Math.min(oldest, each.timeline.open), Number.MAX_VALUE)
  return { peer, connections, connectedAtMs, reservedUntilMs }
}

interface Remote {
  readonly address: string
  readonly transport: TransportName
}

/** Reading a multiaddr takes tens of microseconds: with ten thousand connections once is enough. */
const remotes = new WeakMap<Connection, Remote>()

function remoteOf(connection: Connection): Remote {
  const known = remotes.get(connection)
  if (known !== undefined) return known
  const { remoteAddr } = connection
  const remote = { address: normalizeAddress(hostOf(remoteAddr)), transport: transportOf(remoteAddr) }
  remotes.set(connection, remote)
  return remote
}
