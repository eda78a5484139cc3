import { type Outcome, type Seat } from './rules.ts'

/** What just happened, for sounds and for `aria-live`. Moves that are caught up with in bulk come as one `caught-up`. */
export type Notice =
  | { readonly type: 'seated'; readonly seat: Seat; readonly mine: boolean }
  /** Somebody else's sitting down counts instead of mine. */
  | { readonly type: 'seat-lost'; readonly seat: Seat }
  | {
      readonly type: 'moved'
      readonly seat: Seat
      readonly ply: number
      readonly move: unknown
      readonly mine: boolean
    }
  | { readonly type: 'passed'; readonly seat: Seat; readonly ply: number; readonly mine: boolean }
  | { readonly type: 'undo-asked'; readonly seat: Seat; readonly mine: boolean }
  | { readonly type: 'undone'; readonly toPly: number }
  | { readonly type: 'undo-refused'; readonly seat: Seat; readonly mine: boolean }
  | { readonly type: 'settling' }
  | { readonly type: 'proposed'; readonly seat: Seat; readonly mine: boolean }
  | { readonly type: 'accepted'; readonly seat: Seat; readonly mine: boolean }
  | { readonly type: 'resumed'; readonly seat: Seat; readonly mine: boolean }
  | { readonly type: 'over'; readonly outcome: Outcome }
  | { readonly type: 'rematch-offered'; readonly seat: Seat; readonly mine: boolean }
  /** Records that were shown no longer count, because others, made at the same time, come first. */
  | { readonly type: 'rewound'; readonly fromPly: number; readonly toPly: number }
  | { readonly type: 'caught-up'; readonly records: number; readonly ply: number }
  /** Proof that a player signed two things where only one can be. */
  | { readonly type: 'cheat-proved'; readonly seat: Seat | null }
  | { readonly type: 'presence'; readonly seat: Seat; readonly status: 'here' | 'away' | 'gone' }
