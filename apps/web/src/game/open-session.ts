import { type GoState, goRules } from '@tsugi/go'
import { MatchSession, type MatchTransport, createMatchMachine } from '@tsugi/match'
import type { InviteLink } from '@tsugi/protocol'

import type { GameShelf } from '../storage/game-shelf.ts'
import { randomBytes } from '../storage/random-text.ts'
import type { GameSlot } from './game-slot.ts'

/** Go between people. */
export const machine = createMatchMachine({ rules: goRules })

/** One game of Go, as it runs on this page. */
export type GoSession = MatchSession<GoState, readonly number[]>

/** What {@link openSession} needs. */
export interface SessionParts {
  readonly link: InviteLink
  readonly slot: GameSlot
  readonly shelf: GameShelf
  readonly transport: MatchTransport
  readonly name: string
}

/** What a link gives its holder to read and write with. */
export function secretsOf(link: InviteLink): { readonly secret: Uint8Array } | { readonly readSecret: Uint8Array } {
  return link.role === 'play' ? { secret: link.secret } : { readSecret: link.readSecret }
}

/** Opens the session of a game: its records live on the shelf, its time is the page's. */
export function openSession({ link, slot, shelf, transport, name }: SessionParts): Promise<GoSession> {
  // A session that offers a rematch stores the first record of another match, in which this side has the first slot.
  const keyOf = (match: string): string => (match === link.match ? slot.key : `${match}/0`)
  return MatchSession.open({
    machine,
    match: link.match,
    ...secretsOf(link),
    ...(slot.seatKey ? { seatKey: slot.seatKey } : {}),
    name,
    transport,
    store: {
      load: match => shelf.records(keyOf(match)),
      append: (match, records) => shelf.append(keyOf(match), records),
    },
    clock: {
      now: () => Date.now(),
      every(ms, tick) {
        const timer = setInterval(tick, ms)
        return () => clearInterval(timer)
      },
    },
    random: randomBytes,
  })
}
