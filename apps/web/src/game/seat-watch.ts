import type { SeatPresence } from '@tsugi/match'

/** Remembers when each player was last here: the match itself only knows who is here now. */
export class SeatWatch {
  readonly #lastHere = new Map<number, number>()
  readonly #wasHere = new Set<number>()

  /** Takes the newest presence; answers for each seat since when its player is away, null where they are here or were never seen. */
  read(presence: readonly SeatPresence[], now: number): readonly (number | null)[] {
    return presence.map(({ status, since }, seat) => {
      if (status === 'here') {
        this.#wasHere.add(seat)
        this.#lastHere.delete(seat)
        return null
      }
      if (this.#wasHere.delete(seat)) this.#lastHere.set(seat, now)
      return since ?? this.#lastHere.get(seat) ?? null
    })
  }
}
