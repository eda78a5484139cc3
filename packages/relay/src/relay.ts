import type { TypedEventTarget } from '@libp2p/interface'
import type { WellKnown } from '@tsugi/protocol'

import type { Bans } from './admission/bans.ts'
import type { Archive } from './archive/archive-room.ts'
import type { RelayEvents } from './relay-events.ts'
import type { RelayStats } from './relay-stats.ts'
import type { RelayViews } from './views/relay-views.ts'

/** A running relay. */
export interface Relay extends RelayViews, AsyncDisposable {
  readonly peerId: string
  /** What happens, as {@link RelayEvents}. */
  readonly events: TypedEventTarget<RelayEvents>
  /** The announced multiaddrs, each ending in `/p2p/<peerId>`. */
  multiaddrs(): string[]
  /** `stun:host:port` of the STUN server; empty when it is off. */
  stunAddresses(): string[]
  stats(): RelayStats
  /** The games that their players have published. */
  readonly archive: Archive
  /** Who is not served. */
  readonly bans: Bans
  /** The document for `/.well-known/tsugi.json`. */
  wellKnown(): WellKnown
  /** Whether {@link drain} or {@link stop} was called. */
  readonly isDraining: boolean
  /** Admits nobody from now on, and tells peers and relays, which move elsewhere; who is connected may stay. Safe to repeat. */
  drain(reason: string): void
  /** Drains, waits a few seconds for those who move, closes every connection, and ends everything. Safe to repeat. */
  stop(): Promise<void>
}
