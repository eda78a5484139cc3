import type { ReservationEndReason } from './circuit-events.ts'
import type { CircuitLimits } from './circuit-limits.ts'

/** What the holder of a slot has. */
export interface HeldReservation {
  readonly peer: string
  readonly sinceMs: number
  readonly expiresAtMs: number
}

/** What {@link ReservationTable} needs. */
export interface ReservationTableOptions {
  /** Read at each request, so that limits may change. */
  readonly limits: () => Pick<CircuitLimits, 'relayReservations' | 'reservationTtlMs'>
  readonly now: () => number
  readonly onEnded: (peer: string, reason: ReservationEndReason) => void
}

/** Who holds a slot, and until when. A reservation ends when its peer disconnects, when it expires, or when it is revoked. */
export class ReservationTable {
  readonly #held = new Map<string, HeldReservation>()
  readonly #options: ReservationTableOptions

  constructor(options: ReservationTableOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#held.size
  }

  /** @returns the reservation and whether it was there before; `undefined` when all slots are taken */
  reserve(peer: string): { reservation: HeldReservation; isRenewed: boolean } | undefined {
    const { relayReservations, reservationTtlMs } = this.#options.limits()
    const now = this.#options.now()
    const old = this.get(peer)
    if (old === undefined && this.#held.size >= relayReservations) {
      // Slots whose time is over may still wait for the sweep.
      if (this.sweep() === 0) return undefined
    }
    // Whole seconds, as on the wire, so that both sides agree about the end.
    const expiresAtMs = Math.ceil((now + Math.min(reservationTtlMs, longestTtlMs)) / 1_000) * 1_000
    const reservation = { peer, sinceMs: old?.sinceMs ?? now, expiresAtMs }
    this.#held.set(peer, reservation)
    return { reservation, isRenewed: old !== undefined }
  }

  /** A reservation in force; one whose time is over ends here. */
  get(peer: string): HeldReservation | undefined {
    const reservation = this.#held.get(peer)
    if (reservation === undefined || reservation.expiresAtMs > this.#options.now()) return reservation
    this.end(peer, 'expired')
    return undefined
  }

  list(): HeldReservation[] {
    return [...this.#held.values()]
  }

  /** @returns whether there was one */
  end(peer: string, reason: ReservationEndReason): boolean {
    if (!this.#held.delete(peer)) return false
    this.#options.onEnded(peer, reason)
    return true
  }

  endAll(reason: ReservationEndReason): void {
    for (const peer of this.#held.keys()) this.end(peer, reason)
  }

  /** Ends what has expired; answers how many. */
  sweep(): number {
    const now = this.#options.now()
    let ended = 0
    for (const { peer, expiresAtMs } of this.#held.values()) {
      if (expiresAtMs <= now && this.end(peer, 'expired')) ended += 1
    }
    return ended
  }
}

/** "No limit" still needs a time on the wire. */
const longestTtlMs = 365 * 24 * 3_600_000
