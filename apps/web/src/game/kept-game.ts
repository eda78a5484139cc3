import { type InviteLink, playFragment, watchFragment } from '@tsugi/protocol'

import type { GameSummary } from '../storage/game-entry.ts'
import type { GameShelf } from '../storage/game-shelf.ts'
import type { GameSlot } from './game-slot.ts'

/** What is said of a game of which nothing is known yet. */
const nothingKnown: GameSummary = {
  size: 0,
  state: 'waiting',
  myColor: null,
  black: null,
  white: null,
  moves: 0,
  myTurn: false,
  result: null,
}

/** Keeps the line that the list of games has of an open game, and this side's key in it. */
export class KeptGame {
  readonly #link: InviteLink
  readonly #slot: GameSlot
  readonly #shelf: GameShelf
  readonly #onFailed: () => void
  /** What was kept last. */
  #kept = ''
  #keeping: Promise<void> = Promise.resolve()

  constructor(link: InviteLink, slot: GameSlot, shelf: GameShelf, onFailed: () => void) {
    this.#link = link
    this.#slot = slot
    this.#shelf = shelf
    this.#onFailed = onFailed
  }

  /**
   * Keeps the game as it stands, unless nothing is new; settles when that, and all that was asked before, is safe or has failed.
   *
   * @param lastRecordAt - in ms since 1970; null when there is no record yet
   */
  keep(summary: GameSummary | null, lastRecordAt: number | null): Promise<void> {
    const text = JSON.stringify(summary)
    if (text === this.#kept) return this.#keeping
    this.#kept = text
    const { key, slot, seatKey, entry } = this.#slot
    const now = Date.now()
    this.#keeping = this.#keeping
      .then(() =>
        this.#shelf.put({
          key,
          slot,
          matchId: this.#link.match,
          fragment: fragmentOf(this.#link),
          ...(seatKey ? { seatKey } : {}),
          summary: summary ?? nothingKnown,
          createdAt: entry?.createdAt ?? now,
          updatedAt: lastRecordAt ?? now,
        }),
      )
      .catch(this.#onFailed)
    return this.#keeping
  }

  /** Settles when what was asked is done. */
  settled(): Promise<void> {
    return this.#keeping
  }
}

function fragmentOf(link: InviteLink): string {
  return link.role === 'play' ? playFragment(link.match, link.secret) : watchFragment(link.match, link.readSecret)
}
