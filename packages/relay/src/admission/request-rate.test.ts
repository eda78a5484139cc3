import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { connectTo, startRawPeer } from '../../test-support/raw-peer.ts'
import { createStage } from '../../test-support/stage.ts'
import { RequestRate } from './request-rate.ts'

const stage = createStage()
const limits = { peerHopRequestsPerSecond: 2, peerCircuits: 1, addressJoinsPerSecond: 1 }

test('[B7] a peer has a burst, then its rate, and others are not held up by it', () => {
  let now = 0
  const rate = new RequestRate({ limits: () => limits, now: () => now })
  const taken = () => Array.from({ length: 12 }, () => rate.tryTake('a', '192.0.2.1')).filter(Boolean).length
  expect(taken()).toBe(8)
  expect(rate.tryTake('b', '192.0.2.1')).toBe(true)
  now += 1_000
  expect(taken()).toBe(2)
})

test('[B7] an address has a ceiling of its own, however many peers ask there', () => {
  let now = 0
  const rate = new RequestRate({ limits: () => limits, now: () => now })
  const taken = (host: string) =>
    Array.from({ length: 100 }, (_, index) => rate.tryTake(`${host} ${index}`, host)).filter(Boolean).length
  expect(taken('192.0.2.1')).toBe(20)
  expect(taken('192.0.2.2')).toBe(20)
  now += 1_000
  expect(taken('192.0.2.1')).toBe(5)
})

test('[B7] whatever is asked and when, nobody gets more than a burst and the rate since then, and little is remembered', () => {
  const request = fc.record({ peer: fc.nat(3), waitMs: fc.nat(2_000) })
  fc.assert(
    fc.property(fc.array(request, { maxLength: 200 }), requests => {
      let now = 0
      const rate = new RequestRate({ limits: () => limits, now: () => now })
      const taken = new Map<number, number>()
      for (const { peer, waitMs } of requests) {
        now += waitMs
        if (rate.tryTake(String(peer), String(peer))) taken.set(peer, (taken.get(peer) ?? 0) + 1)
      }
      for (const count of taken.values()) expect(count).toBeLessThanOrEqual(8 + (now / 1_000) * 2)
      expect(rate.size).toBeLessThanOrEqual(8)
    }),
  )
})

test('[B7] no limit means none, and nothing is remembered then', () => {
  const none = Number.POSITIVE_INFINITY
  const off = { peerHopRequestsPerSecond: none, peerCircuits: 1, addressJoinsPerSecond: none }
  const rate = new RequestRate({ limits: () => off })
  expect(Array.from({ length: 1_000 }, () => rate.tryTake('a', 'b')).every(Boolean)).toBe(true)
  expect(rate.size).toBe(0)
})

describe('HOP', () => {
  test('[A4] [B7] too many requests get RESERVATION_REFUSED and RESOURCE_LIMIT_EXCEEDED; others are served', async () => {
    const { address, relay } = await stage.relay({ limits: { peerHopRequestsPerSecond: 0, peerCircuits: 1 } })
    const [peer, other] = [await startRawPeer(address), await startRawPeer(address)]
    stage.defer(() => peer.stop())
    stage.defer(() => other.stop())
    for (let index = 0; index < 4; index += 1) expect((await peer.reserve()).status).toBe('OK')
    expect((await peer.reserve()).status).toBe('RESERVATION_REFUSED')
    expect((await peer.ask(connectTo(other.peerId))).status).toBe('RESOURCE_LIMIT_EXCEEDED')
    expect((await other.reserve()).status).toBe('OK')
    expect(relay.stats().refusals['circuit/rate']).toBe(2)
    expect(relay.stats().circuits.reservations).toBe(2)
  })
})
