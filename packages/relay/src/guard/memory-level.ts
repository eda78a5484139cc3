/**
 * How much of its memory the relay uses. warn: no new reservations. shed: nobody new, and what is idlest is closed. drain: it has
 * to end.
 */
export type MemoryLevel = 'normal' | 'warn' | 'shed' | 'drain'

/** Shares of the limit at which levels begin and end. They end lower than they begin, so that a level does not come and go. */
export const memoryShares = { warn: 0.8, warnEnds: 0.78, shed: 0.9, shedEnds: 0.85, drain: 0.95 } as const

/** The level at a share of the limit; `drain`, from which there is no return, is for who has seen its share several times. */
export function nextLevel(level: MemoryLevel, share: number): MemoryLevel {
  if (level === 'drain') return 'drain'
  if (share >= memoryShares.shed || (level === 'shed' && share >= memoryShares.shedEnds)) return 'shed'
  if (share >= memoryShares.warn || (level !== 'normal' && share >= memoryShares.warnEnds)) return 'warn'
  return 'normal'
}
