/** How waits grow. */
export interface BackoffOptions {
  readonly firstMs: number
  readonly maxMs: number
  /** Default 2. */
  readonly factor?: number
  /** A number from 0 up to 1, for the jitter. Default `Math.random`. */
  readonly random?: () => number
}

/**
 * How long to wait before attempt `attempt` (0 is the first repetition): growing, with a ceiling, and with jitter of half the
 * wait, so that everybody who lost the same relay does not come back in the same moment.
 */
export function backoffMs(attempt: number, options: BackoffOptions): number {
  const full = Math.min(options.maxMs, options.firstMs * (options.factor ?? 2) ** attempt)
  return Math.round(full * (0.5 + (options.random ?? Math.random)() / 2))
}
