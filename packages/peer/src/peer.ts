import type { TaskInfo } from '@tsugi/bounded'
import type { Limits, PeerId } from '@tsugi/protocol'

import type { AddressBook } from './book/address-book.ts'
import type { BookStore } from './book/book-store.ts'
import type { IdentityOption } from './identity/identity.ts'
import type { Links } from './links/link.ts'
import type { PeerEvents } from './peer-events.ts'
import type { KeptRecords } from './records/record-relays.ts'
import type { RelayFinder } from './relays/relay-finder.ts'
import type { Relays } from './relays/relay-pool.ts'
import type { Topics } from './topics/topic.ts'
import type { TypedEventTarget } from './typed-events.ts'

/** Where a peer writes what goes wrong in the background; `console` fits. */
export interface PeerLogger {
  debug(message: string, ...details: unknown[]): void
  warn(message: string, ...details: unknown[]): void
}

/** What `createPeer` wants to know. */
export interface PeerOptions {
  /** The application: 1 to 63 of `a-z 0-9 . -`. Peers of different applications never meet. */
  readonly app: string
  /** Relays, as URLs (`https://relay.example`) or multiaddrs. Of several the nearest that have room are used, and others that they tell of. */
  readonly relays: readonly string[]
  /** Default: `tab` in a browser, `memory` elsewhere. */
  readonly identity?: IdentityOption
  /** `memory` keeps nothing: the same as `identity: 'memory'`. Default `indexeddb`, where there is one. */
  readonly storage?: 'indexeddb' | 'memory'
  /** Where the address book is kept over reloads. Default: IndexedDB where the identity is kept there, else nowhere. */
  readonly bookStore?: BookStore
  /** A further way to find relays, when too few are known: `kadDiscovery()` of `@tsugi/peer/discovery`. Default none. */
  readonly discovery?: RelayFinder
  /** How many relays hold a slot for us at once. Default 2. */
  readonly slots?: number
  /** Overrides of the limits of `@tsugi/protocol`. */
  readonly limits?: Partial<Limits>
  /** Whether direct lines are made. Default `true`. */
  readonly webrtc?: boolean
  /** STUN and TURN servers beside the relays' own. Default none. */
  readonly iceServers?: readonly RTCIceServer[]
  readonly logger?: PeerLogger
}

/** Whether a relay carries our messages: `ready`; not yet: `starting`; not now: `offline`. */
export type PeerState = 'starting' | 'ready' | 'offline' | 'stopped'

/** How much of everything a peer holds. */
export interface PeerStats {
  readonly connections: number
  readonly streams: number
  readonly relays: { readonly known: number; readonly reserved: number }
  readonly links: { readonly total: number; readonly relayed: number; readonly direct: number }
  readonly topics: {
    readonly joined: number
    readonly handles: number
    /** Messages that wait for a handle's first read, and for the next one. */
    readonly held: number
    readonly queued: number
    /** Messages refused since the start: their author sent too many, or one that was too large. */
    readonly tooFast: number
    readonly tooLarge: number
  }
  /** Peers in the address book, changes to it since the start, and about how many bytes it has; and peers in libp2p's own store, as it was when last swept. */
  readonly book: {
    readonly peers: number
    readonly operations: number
    readonly bytes: number
    readonly stored: number
  }
  readonly gossip: { readonly peers: number; readonly topics: number; readonly messages: number }
  readonly tasks: number
}

/** A peer on the mesh. */
export interface Peer extends TypedEventTarget<PeerEvents>, AsyncDisposable {
  readonly id: PeerId
  readonly app: string
  readonly state: PeerState
  /** The key that signs for this peer. */
  readonly identity: { readonly seed: Uint8Array; readonly isKept: boolean; readonly slot?: number }
  readonly relays: Relays
  readonly links: Links
  readonly topics: Topics
  readonly book: AddressBook
  readonly records: KeptRecords
  stats(): PeerStats
  /** Everything that goes on in the background. Empty after {@link stop}. */
  tasks(): TaskInfo[]
  /** Ends everything: leaves its topics, closes its lines, gives its identity back. Safe to repeat. */
  stop(): Promise<void>
}
