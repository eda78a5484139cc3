import type {
  Connection,
  Libp2pEvents,
  PeerId,
  PrivateKey,
  StreamHandler,
  StreamHandlerOptions,
  TypedEventTarget,
} from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Timers } from '@tsugi/bounded'

import type { CircuitEvent } from './circuit-events.ts'
import type { CircuitLimits } from './circuit-limits.ts'
import type { CircuitPolicy } from './circuit-policy.ts'
import type { OpenCircuits } from './open-circuits.ts'
import type { ReservationTable } from './reservation-table.ts'

/** The parts of a libp2p node that the service works with. */
export interface CircuitComponents {
  readonly peerId: PeerId
  readonly privateKey: PrivateKey
  readonly registrar: {
    handle(protocol: string, handler: StreamHandler, options?: StreamHandlerOptions): Promise<void>
    unhandle(protocol: string): Promise<void>
  }
  readonly connectionManager: { getConnections(peer?: PeerId): Connection[] }
  readonly addressManager: { getAddresses(): Multiaddr[] }
  readonly events: TypedEventTarget<Libp2pEvents>
}

/** What the answers to requests share. */
export interface CircuitParts {
  readonly components: CircuitComponents
  readonly policy: CircuitPolicy
  readonly timers: Timers
  readonly held: ReservationTable
  readonly circuits: OpenCircuits
  /** Those in force now. */
  readonly limits: () => CircuitLimits
  readonly emit: (event: CircuitEvent) => void
}
