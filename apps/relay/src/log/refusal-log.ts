import type { Logger } from 'pino'

/** A reason that keeps coming up is told once in so long, with how often it did. */
const refusalQuietMs = 10_000

/** Writes refusals to the log. There are only so many reasons; what a stranger sends is in `detail`. */
export function createRefusalLog(
  log: Pick<Logger, 'warn'>,
  now: () => number = Date.now,
): (reason: string, detail?: string) => void {
  const refusals = new Map<string, { toldAt: number; since: number }>()
  return (reason, detail) => {
    const told = refusals.get(reason) ?? { toldAt: Number.NEGATIVE_INFINITY, since: 0 }
    told.since += 1
    if (now() - told.toldAt >= refusalQuietMs) {
      log.warn({ reason, detail, count: told.since }, `refused: ${reason}`)
      told.toldAt = now()
      told.since = 0
    }
    refusals.set(reason, told)
  }
}
