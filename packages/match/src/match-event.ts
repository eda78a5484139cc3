import { type MatchMessage } from '@tsugi/protocol'

import { type Intent } from './intent.ts'

/** What can happen to a match. `now` is the host's clock in milliseconds since 1970. */
export type MatchEvent =
  /** A person wants something. The answer is in the step's `result`. */
  | { readonly type: 'acted'; readonly intent: Intent; readonly now: number }
  /** A message came from a peer; sealing is done outside, see `openMessage` of `@tsugi/protocol`. */
  | { readonly type: 'received'; readonly from: string; readonly message: MatchMessage; readonly now: number }
  /** Bytes came that no message could be made of. */
  | { readonly type: 'unreadable'; readonly from: string; readonly code: string; readonly now: number }
  /** Records that were kept while this side was not there; they are checked like any other. */
  | { readonly type: 'found'; readonly from: string; readonly records: readonly Uint8Array[]; readonly now: number }
  /** Peers are on the topic now. Those that come together are told together: all of them are answered by one greeting. */
  | { readonly type: 'peers-joined'; readonly peers: readonly string[]; readonly now: number }
  /** A peer is no longer on the topic. */
  | { readonly type: 'peer-left'; readonly peer: string; readonly now: number }
  /** This side has joined the topic, or can be reached again, or can't. */
  | { readonly type: 'connected'; readonly isConnected: boolean; readonly now: number }
  /** This side's person is here, or away, or closes the match. */
  | { readonly type: 'status'; readonly status: 'here' | 'away' | 'leaving'; readonly now: number }
  /** Time has passed; about once a second while a clock runs, and at least every few seconds. */
  | { readonly type: 'ticked'; readonly now: number }
