import { type RecordHash } from '@tsugi/protocol'

import { type Seat } from './rules.ts'

/** What a person wants to do. `move` and `proposal` are in the rules' wire form (Go: a vertex, an array of vertices). */
export type Intent =
  /** Takes a seat; without `seat` the first free one. Needs the invite's secret. */
  | { readonly type: 'sit'; readonly name: string; readonly seat?: Seat }
  | { readonly type: 'move'; readonly move: unknown }
  | { readonly type: 'pass' }
  | { readonly type: 'resign' }
  /** Asks to take back one's own last move and what followed it. */
  | { readonly type: 'undo-ask' }
  | { readonly type: 'undo-grant' }
  | { readonly type: 'undo-refuse' }
  | { readonly type: 'propose'; readonly proposal: unknown }
  /** Accepts the proposal that stands. */
  | { readonly type: 'accept' }
  | { readonly type: 'resume' }
  | { readonly type: 'claim-time' }
  /** Offers another game that has been created already; see `MatchSession.offerRematch`. */
  | { readonly type: 'rematch'; readonly match: string; readonly secret: Uint8Array }

/** The type of an intent. */
export type IntentType = Intent['type']

/** What an intent that was carried out has left. */
export interface Acted {
  readonly hash: RecordHash
}
