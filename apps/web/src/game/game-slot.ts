import type { InviteLink } from '@tsugi/protocol'

import { browserLocks } from '../storage/browser-locks.ts'
import type { GameEntry } from '../storage/game-entry.ts'
import type { GameShelf } from '../storage/game-shelf.ts'
import { randomBytes } from '../storage/random-text.ts'
import { rememberSlot, rememberedSlot } from '../storage/remembered-slot.ts'
import { takeSeatSlot } from '../storage/seat-slot.ts'

/** What this tab is in a game: one seat's keeper, or somebody who watches. */
export interface GameSlot {
  /** Under which the shelf keeps it. */
  readonly key: string
  readonly slot: string
  /** Absent for those who watch. */
  readonly seatKey: Uint8Array | undefined
  readonly entry: GameEntry | undefined
  release(): void
}

/** Finds out what this tab is in the game that a link leads to. */
export async function takeGameSlot(link: InviteLink, shelf: GameShelf): Promise<GameSlot> {
  const watching = async (): Promise<GameSlot> => {
    const key = `${link.match}/w`
    return { key, slot: 'w', seatKey: undefined, entry: await shelf.get(key), release: () => undefined }
  }
  if (link.role === 'watch') return watching()
  const kept = (await shelf.list()).filter(entry => entry.matchId === link.match && entry.slot !== 'w')
  const seat = await takeSeatSlot(browserLocks(), link.match, kept, rememberedSlot(link.match))
  if (!seat) return watching()
  rememberSlot(link.match, seat.slot)
  return {
    key: `${link.match}/${seat.slot}`,
    slot: seat.slot,
    seatKey: seat.entry?.seatKey ?? randomBytes(32),
    entry: seat.entry,
    release: () => seat.lock.release(),
  }
}
