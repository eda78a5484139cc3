import type { LinkKind } from '@tsugi/peer'

/** What a player process is told, a JSON object a line on its stdin. Each is answered by `{ id, ok, value }` or `{ id, ok, error }`. */
export type PlayerRequest = { readonly id: number; readonly player: string } & (
  | { readonly do: 'arrive'; readonly visit: Visit }
  /** Plays its moves of the list by itself, whenever it has the turn; then passes, and agrees on the score. Again: at another pace. */
  | { readonly do: 'play'; readonly moves: readonly string[]; readonly thinkMs: number }
  | { readonly do: 'act'; readonly act: 'resign' | 'pass' }
  /** Sends running numbers over a stream to another player, who sends as many back; from then on until `stop counting`. */
  | { readonly do: 'count'; readonly with: string }
  /** Ends the streams in order. Answers a `CountResult` of stream-counter.ts; the other one is asked afterwards. */
  | { readonly do: 'stop counting' }
  | { readonly do: 'stats' }
  /** How much the process holds: `ProcessSizes` of remote-player.ts. Of no player in particular. */
  | { readonly do: 'sizes' }
  /** Ends its peer and forgets it. Answers its seat's key and records, for another visit. */
  | { readonly do: 'leave' }
)

/** How a player comes to a game. Bytes travel in base64url. */
export interface Visit {
  readonly app: string
  readonly relays: readonly string[]
  readonly link: string
  readonly seatKey?: string
  readonly records?: readonly string[]
  /** Whether it takes a seat; a spectator does not. */
  readonly sits: boolean
  readonly webrtc?: boolean
}

/** What a player sees of its game. */
export interface PlayerView {
  readonly phase: string
  readonly ply: number
  /** The moves that stand, as points; `pass` for a pass. */
  readonly moves: readonly string[]
  /** The board as `.XO`, row by row from the top. */
  readonly position: string
  readonly head: string | null
  readonly outcome: string | null
  readonly refused: number
  readonly proofs: number
}

/** A line to another player, as it has become. */
export interface PlayerLink {
  readonly peer: string
  readonly kind: LinkKind
  readonly state: string
  readonly reason: string
  readonly upgradeAttempts: number
}

/** What a player process tells by itself; `at` in milliseconds of the process's own monotonic clock since 1970. */
export type PlayerEvent = { readonly player: string; readonly at: number } & (
  | { readonly event: 'view'; readonly view: PlayerView }
  | { readonly event: 'link'; readonly link: PlayerLink }
  | { readonly event: 'state'; readonly state: string }
  | {
      readonly event: 'relay'
      readonly change: string
      readonly source: string
      readonly reason: string
      readonly by: string
    }
  /** How many numbers have come over streams, in order. */
  | { readonly event: 'counted'; readonly received: number; readonly route: string | null }
  /** The first message of another. */
  | { readonly event: 'heard' }
)

/** An answer to a request. */
export type PlayerAnswer =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly error: string }
