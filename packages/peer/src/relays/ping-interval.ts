import type { WellKnown } from '@tsugi/protocol'

import { restingPingMs, urgentPingMs } from '../node/line-monitor.ts'

/** After so many pings its description is read again: the number of its guests changes. [W7] */
export const pingsPerReading = 60

/**
 * How often a relay is asked whether it is still there, so that all of its guests together ask no more often than it says. Whatever it says,
 * no more often than a line that carries somebody, and no more rarely than any other. [W7]
 *
 * @returns milliseconds
 */
export function pingIntervalMs({ load, limits }: Pick<WellKnown, 'load' | 'limits'>): number {
  const { relayPingsPerSecond = Number.POSITIVE_INFINITY } = limits
  const fairMs = (load.peers / relayPingsPerSecond) * 1_000
  return fairMs > urgentPingMs ? Math.min(fairMs, restingPingMs) : urgentPingMs
}
