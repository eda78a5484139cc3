import type { GameEntry } from './game-entry.ts'
import type { TabLock, TabLocks } from './tab-lock.ts'

/** Which of the device's seats in one game this tab acts for. */
export interface SeatSlot {
  readonly slot: string
  readonly lock: TabLock
  /** What was kept of that seat; absent when the slot is new. */
  readonly entry: GameEntry | undefined
}

/** Slots tried before giving up: more tabs of one game on one device than that only watch. */
const slotCeiling = 16

/** How long a reloaded page waits for its former self to let go of the seat. */
const reloadWaitMs = 2_500

/**
 * Chooses the seat for a tab that opened a game's link: the one that this tab held before a reload; else one that was kept and that no
 * open tab holds; else a new one.
 *
 * @param kept - the entries of this game on this device
 * @param remembered - the slot that this tab remembers from before a reload
 * @returns null when every slot is held
 */
export async function takeSeatSlot(
  locks: TabLocks,
  matchId: string,
  kept: readonly GameEntry[],
  remembered: string | null,
): Promise<SeatSlot | null> {
  const bySlot = new Map(kept.map(entry => [entry.slot, entry]))
  const take = async (slot: string, waitMs: number): Promise<SeatSlot | null> => {
    const lock = await locks.take(`tsugi:seat:${matchId}:${slot}`, waitMs)
    return lock && { slot, lock, entry: bySlot.get(slot) }
  }
  if (remembered !== null) {
    const again = await take(remembered, reloadWaitMs)
    if (again) return again
  }
  const known = kept.filter(entry => entry.seatKey).sort((a, b) => rank(a) - rank(b) || a.createdAt - b.createdAt)
  for (const entry of known) {
    const resumed = await take(entry.slot, 0)
    if (resumed) return resumed
  }
  for (let slot = 0; slot < slotCeiling; slot++) {
    if (bySlot.has(String(slot))) continue
    const fresh = await take(String(slot), 0)
    if (fresh) return fresh
  }
  return null
}

/** Seats that were really taken come before those that only looked on. */
function rank(entry: GameEntry): number {
  return entry.summary.myColor === null ? 1 : 0
}
