import { type LimitName, type Limits } from './limits.ts'

/** A relay's answer to its load: from here on, limits are multiplied by a factor. */
export interface LoadStep {
  readonly factor: number
  /** The share of the fullest resource from which the step is taken, at once. */
  readonly tightensAt: number
  /** It is left for the one before once the load has stayed below this share for {@link relaxAfterMs}. */
  readonly relaxesBelow: number
}

/** From light to heavy. The first is the configuration itself. */
export const LOAD_STEPS = [
  { factor: 1, tightensAt: 0, relaxesBelow: 0 },
  { factor: 0.75, tightensAt: 0.7, relaxesBelow: 0.6 },
  { factor: 0.5, tightensAt: 0.8, relaxesBelow: 0.7 },
  { factor: 0.25, tightensAt: 0.9, relaxesBelow: 0.8 },
] as const satisfies readonly LoadStep[]

/** How long the load must have stayed low before limits relax by a step. */
export const relaxAfterMs = 30_000

/** A limit that follows the load. */
export interface AdaptiveLimit {
  /** It never falls below this, unless it was set lower. */
  readonly floor: number
  readonly reason: string
}

/**
 * The limits that follow the load. What a circuit's ends were told when it was joined, its data and its duration, is not among
 * them. A limit that was set to none stays none.
 */
export const ADAPTIVE_LIMITS = {
  peerBytesPerSecond: { floor: 100_000, reason: 'enough for any game; who transfers files waits' },
  circuitBytesPerSecond: { floor: 100_000, reason: 'the same, for circuits that are joined from then on' },
  peerCircuits: { floor: 1, reason: 'one is what it takes to open a direct line; those that stand go on' },
  circuitIdleMs: { floor: 60_000, reason: 'what nobody uses makes room sooner' },
  reservationTtlMs: {
    floor: 20 * 60_000,
    reason: 'who comes now is asked again sooner; clients renew minutes before the end',
  },
  addressJoinsPerSecond: { floor: 2, reason: 'a crowd comes in a little slower, and nobody is turned away for good' },
} as const satisfies Partial<Record<LimitName, AdaptiveLimit>>

/** The limits in force at a factor between 0 and 1. */
export function limitsUnderLoad(limits: Limits, factor: number): Limits {
  if (factor === 1) return limits
  const tightened = Object.entries(ADAPTIVE_LIMITS).map(([name, { floor }]) => {
    const configured = limits[name as keyof typeof ADAPTIVE_LIMITS]
    if (!Number.isFinite(configured)) return [name, configured]
    return [name, Math.min(configured, Math.max(floor, Math.ceil(configured * factor)))]
  })
  return Object.freeze({ ...limits, ...Object.fromEntries(tightened) }) as Limits
}
