import type { BoundedQueueStats, RemovalReason, SlowReason, StoreWarning } from '@tsugi/bounded'
import type { PeerId } from '@tsugi/protocol'

import type { Link, LinkKind } from './links/link.ts'
import type { RelayStatus } from './relays/relay-status.ts'
import type { AbandonedWhy } from './topics/topics.ts'

/** Why a `relay:change` was sent. */
export type RelayChangeKind =
  | 'connecting'
  | 'reserved'
  | 'renewed'
  | 'expiring'
  | 'lost'
  | 'refused'
  | 'draining'
  | 'silent'
  | 'waiting'
  | 'removed'

/** Everything that a peer tells, by name. */
export interface PeerEvents {
  /** A relay carries our messages: games can be played. */
  ready: undefined
  /** No relay carries our messages any more, or none ever did; direct lines may still stand. */
  offline: { readonly reason: string }
  /**
   * What became of one relay. `silent`: it does not answer, and another one takes its place; when it answers again, on that line or on another one to it, its state is told once more. `refused` has the relay's status code in `reason`; `retryAt` says
   * when it is tried again.
   */
  'relay:change': { readonly change: RelayChangeKind; readonly relay: RelayStatus }
  /** The line to a peer became another one. */
  'link:change': {
    readonly peer: PeerId
    readonly kind: LinkKind
    readonly previous: LinkKind
    readonly reason: string
    readonly link: Link
  }
  /** A peer that was not in the address book. */
  'peer:seen': { readonly peer: PeerId }
  /** A peer left the address book. */
  'peer:gone': { readonly peer: PeerId; readonly reason: RemovalReason }
  /** Who is on a topic has changed. */
  'topic:peers': {
    readonly topic: string
    readonly peers: PeerId[]
    readonly joined: PeerId[]
    readonly left: PeerId[]
  }
  /** A handle that nobody used any more was left: its loop was left long ago (`unread`), or the application dropped it (`collected`). */
  'topic:abandoned': { readonly topic: string; readonly handle: string; readonly why: AbandonedWhy }
  /** A reader of a topic does not keep up: what is lost is lost by its own overflow policy. */
  slow: {
    readonly topic: string
    readonly handle: string
    readonly reason: SlowReason
    readonly stats: BoundedQueueStats
  }
  /** The address book is nearly full. Told once, and again only after it was emptier. */
  'store:warning': StoreWarning<'book'>
  /** Everything has ended. */
  stopped: undefined
}
