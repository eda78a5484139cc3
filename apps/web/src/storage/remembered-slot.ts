const keyOf = (matchId: string): string => `tsugi:slot:${matchId}`

/** The slot that this tab held in a game before a reload. */
export function rememberedSlot(matchId: string): string | null {
  try {
    return sessionStorage.getItem(keyOf(matchId))
  } catch {
    return null
  }
}

/** Remembers, for this tab only, which slot it holds. */
export function rememberSlot(matchId: string, slot: string): void {
  try {
    sessionStorage.setItem(keyOf(matchId), slot)
  } catch {
    // Forbidden: a reload then takes any free seat of this device.
  }
}
