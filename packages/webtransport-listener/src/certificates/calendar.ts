const hourMs = 3_600_000

/** Browsers accept no certificate by hash that is valid for longer. */
export const validityMs = 14 * 24 * hourMs
/** How wrong the clock of a visitor may be, either way. */
export const clockSkewMs = 12 * hourMs
/** How long a certificate is the one in use. */
export const periodMs = validityMs - 2 * clockSkewMs

/** A stretch of the calendar in which one certificate is in use. */
export interface Period {
  readonly index: number
  readonly startMs: number
  /** The next period starts here. */
  readonly endMs: number
}

/**
 * The period that a moment lies in. Periods are counted from the epoch and an offset, so that a node finds the same ones after
 * a restart without having kept anything, and not every node in the world changes its addresses in the same minute.
 *
 * @param offsetMs - 0 to {@link periodMs}
 */
export function periodAt(nowMs: number, offsetMs: number): Period {
  return periodOf(Math.floor((nowMs - offsetMs) / periodMs), offsetMs)
}

/** The period with a number. */
export function periodOf(index: number, offsetMs: number): Period {
  const startMs = offsetMs + index * periodMs
  return { index, startMs, endMs: startMs + periodMs }
}
