import type { RelayEvent } from '@tsugi/relay'

/** The upper bounds, in seconds, that go-libp2p's histogram has, and more: its own end at ten seconds, where a game has just begun. */
export const durationBounds = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 300, 900, 3_600, 14_400,
] as const

/** Counts of the circuit service that its totals do not tell apart, by the names that {@link import('./totals.ts').Totals} keeps them under. */
export interface ServiceCounts {
  readonly onEvent: (event: RelayEvent) => void
  counts(): Readonly<Record<string, number>>
}

/** Counts what the circuit service does. The names are few: types, statuses of the specification, bounds of the histogram. */
export function createServiceCounts(): ServiceCounts {
  const counts = new Map<string, number>()
  const add = (name: string, count = 1): void => void counts.set(name, (counts.get(name) ?? 0) + count)
  return {
    counts: () => Object.fromEntries(counts),
    onEvent(event) {
      if (event.type === 'reservation:created' || event.type === 'reservation:renewed') {
        add(`reservation/${event.type === 'reservation:created' ? 'opened' : 'renewed'}`)
        add('reservationStatus/OK')
      } else if (event.type === 'reservation:ended') {
        add('reservation/closed')
        add(`reservationEnd/${event.reason}`)
      } else if (event.type === 'reservation:refused') {
        add(`reservationStatus/${event.status}`)
      } else if (event.type === 'circuit:accepted') {
        add('circuit/opened')
        add('circuitStatus/OK')
      } else if (event.type === 'circuit:failed') {
        add(`circuitStatus/${event.status}`)
      } else if (event.type === 'circuit:closed') {
        add('circuit/closed')
        add(`circuitEnd/${event.reason}`)
        const seconds = Math.max(0, Date.now() - event.circuit.createdAtMs) / 1_000
        add('circuitSeconds', seconds)
        add(`circuitDuration/${durationBounds.find(each => seconds <= each) ?? 'more'}`)
      }
    },
  }
}
