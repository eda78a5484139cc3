import type { StoreWarning } from '@tsugi/bounded'

import type { UnannouncedWay } from './addresses/unannounced-ways.ts'
import type { BanEvent } from './admission/bans.ts'
import type { CircuitEvent } from './circuit/circuit-events.ts'
import type { RelayDiscoveryEvent } from './discovery/relay-discovery.ts'
import type { GuardEvent } from './guard/guard-events.ts'
import type { RefusalReason } from './refusals.ts'
import type { OptionalTransport } from './ways-in.ts'

/** Everything that happens in a relay. */
export type RelayEvent =
  | CircuitEvent
  | BanEvent
  | RelayDiscoveryEvent
  | GuardEvent
  | { readonly type: 'peer:connect'; readonly peer: string }
  | { readonly type: 'peer:disconnect'; readonly peer: string }
  | { readonly type: 'topic:join' | 'topic:leave'; readonly topic: string }
  | { readonly type: 'refused'; readonly reason: RefusalReason; readonly detail?: string }
  /** A way in could not be opened; the relay goes on without it. */
  | { readonly type: 'listen:failed'; readonly transport: OptionalTransport; readonly message: string }
  /** A way in is open, and the addresses that the operator announces leave it out. */
  | ({ readonly type: 'listen:unannounced' } & UnannouncedWay)
  | StoreWarning<'records' | 'archive'>
  | { readonly type: 'draining'; readonly reason: string }
  | { readonly type: 'stopped' }

/** The map of a relay's event target: each event arrives as a `CustomEvent` whose `detail` is the {@link RelayEvent}. */
export type RelayEvents = {
  [Type in RelayEvent['type']]: CustomEvent<Extract<RelayEvent, { type: Type }>>
}
