import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { pingIntervalMs } from './ping-interval.ts'

const load = (peers: number) => ({ peers, reservations: 0, circuits: 0, room: true })

describe('how often an idle guest asks its relay [W7 B10]', () => {
  it.each([
    [1, 2_000],
    [2_000, 2_000],
    [3_500, 3_500],
    [10_000, 10_000],
    [50_000, 10_000],
  ])('with %i guests: every %i ms', (guests, everyMs) => {
    expect(pingIntervalMs({ load: load(guests), limits: { relayPingsPerSecond: 1_000 } })).toBe(everyMs)
  })

  it('is as often as for a line that carries somebody at a relay that has no such limit', () => {
    expect(pingIntervalMs({ load: load(9_000), limits: {} })).toBe(2_000)
  })

  it('lies between 2 and 10 s, whatever a relay says', () => {
    const said = fc.oneof(fc.double({ noNaN: true }), fc.integer(), fc.constantFrom(0, -0, -1, 1e308, Number.MIN_VALUE))
    fc.assert(
      fc.property(said, fc.nat(), (relayPingsPerSecond, guests) => {
        const everyMs = pingIntervalMs({ load: load(guests), limits: { relayPingsPerSecond } })
        expect(everyMs).toBeGreaterThanOrEqual(2_000)
        expect(everyMs).toBeLessThanOrEqual(10_000)
      }),
    )
  })
})
