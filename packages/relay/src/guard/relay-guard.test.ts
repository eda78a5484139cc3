import { describe, expect, test } from 'vitest'

import { createGuardRig } from '../../test-support/guard-rig.ts'
import { type RawPeer, startRawPeer } from '../../test-support/raw-peer.ts'
import { createStage } from '../../test-support/stage.ts'
import { until } from '../../test-support/start-relay.ts'
import type { RelayEvent } from '../relay-events.ts'

const stage = createStage()

async function rawPeer(address: string): Promise<RawPeer> {
  const peer = await startRawPeer(address)
  stage.defer(() => peer.stop())
  return peer
}

/** A relay whose memory is what the test says, of 1,000 MB. */
async function guardedRelay(limits: Record<string, number> = {}) {
  const memory = { used: 100e6 }
  const events: RelayEvent[] = []
  const started = await stage.relay({
    memory: { rssBytes: () => memory.used },
    limits: { relayMemoryBytes: 1_000e6, ...limits },
    onEvent: event => void events.push(event),
  })
  const level = (wanted: string) => until(`the level is ${wanted}`, () => started.relay.stats().guard.level === wanted)
  return { ...started, memory, events, level }
}

describe('[B7] with real peers', () => {
  test('at 80 % who holds a reservation renews it, and nobody else gets one; circuits go on', async () => {
    const { address, relay, memory, level } = await guardedRelay()
    const [holder, other] = [await rawPeer(address), await rawPeer(address)]
    await holder.reserve()
    memory.used = 810e6
    await level('warn')
    expect((await holder.reserve()).status).toBe('OK')
    expect((await other.reserve()).status).toBe('RESOURCE_LIMIT_EXCEEDED')
    await other.connect(holder)
    expect(relay.stats().circuits).toMatchObject({ reservations: 1, circuits: 1 })
    expect(relay.stats().refusals['circuit/overloaded']).toBe(1)
    memory.used = 700e6
    await level('normal')
    expect((await other.reserve()).status).toBe('OK')
  })

  test('at 90 % nobody new comes in and the peers who use nothing go first; below 85 % everything is as before', async () => {
    const { address, relay, memory, events, level } = await guardedRelay()
    const holder = await rawPeer(address)
    await holder.reserve()
    const idle = await Promise.all(Array.from({ length: 4 }, () => rawPeer(address)))
    await until('all are here', () => relay.stats().peers === 5)
    memory.used = 910e6
    await level('shed')
    await until('the idle ones are gone', () => relay.stats().peers === 1)
    expect(relay.peers()[0]?.peer).toBe(holder.id)
    await expect(startRawPeer(address)).rejects.toThrow(/./)
    expect(relay.stats().refusals['relay/memory']).toBeGreaterThan(0)
    expect(relay.stats().guard).toMatchObject({ closedPeers: idle.length, rssBytes: 910e6, limitBytes: 1_000e6 })
    memory.used = 840e6
    await level('warn')
    memory.used = 700e6
    await level('normal')
    await rawPeer(address)
    const levels = events.flatMap(each => (each.type === 'memory:level' ? [each.level] : []))
    expect(levels).toEqual(['shed', 'warn', 'normal'])
  })

  test('at 95 % it says that it has to end', async () => {
    const { relay, memory } = await guardedRelay()
    const exhausted = new Promise<number>(resolve => {
      relay.events.addEventListener('memory:exhausted', ({ detail }) => resolve(detail.limitBytes))
    })
    memory.used = 960e6
    expect(await exhausted).toBe(1_000e6)
    expect(relay.stats().guard.level).toBe('drain')
  })

  test('a relay that is allowed less memory than it takes by itself says so, and leaves nothing running', async () => {
    const memory = { rssBytes: () => 160e6 }
    const started = stage.relay({ memory, limits: { relayMemoryBytes: 200e6 } })
    await expect(started).rejects.toThrow(/takes 160 MB .* allowed 200 MB: allow it at least 229 MB/)
    await expect(started).rejects.toMatchObject({ code: 'relay/memory-too-small' })
  })

  test('[A7] full slots tighten the limits of what comes next, and what is told of the load', async () => {
    const { address, relay } = await guardedRelay({ relayReservations: 2, reservationTtlMs: 3_600_000 })
    const [one, other] = [await rawPeer(address), await rawPeer(address)]
    await one.reserve()
    await other.reserve()
    await until('limits are tightened', () => relay.stats().guard.factor === 0.25)
    expect(relay.stats().guard.load).toBe(1)
    const { reservation } = await one.reserve()
    const leftMs = Number(reservation?.expire) * 1_000 - Date.now()
    expect(leftMs).toBeLessThanOrEqual(20 * 60_000 + 1_000)
  })
})

describe('[B7] by the clock', () => {
  test('circuits that nobody uses go before peers, and only then peers', () => {
    const rig = createGuardRig()
    rig.connect('a', 'b', 'c', 'd', 'e')
    for (let id = 1; id <= 6; id += 1) rig.circuit(id, 'a', 'b')
    rig.advance(60_000)
    rig.memory.used = 920
    rig.advance(1_000)
    expect(rig.closed).toEqual(['circuit 1', 'circuit 2', 'circuit 3', 'circuit 4'])
    rig.advance(10_000)
    expect(rig.closed.slice(4)).toEqual(['circuit 5', 'circuit 6'])
    rig.advance(10_000)
    expect(rig.closed.slice(6)).toEqual(['peer c', 'peer d', 'peer e', 'peer a'])
    rig.memory.used = 700
    rig.advance(60_000)
    expect(rig.closed.length).toBe(10)
    expect(rig.guard.stats()).toMatchObject({ closedCircuits: 6, closedPeers: 4, level: 'normal' })
  })

  test('[A7] relays are never closed to make room', () => {
    const rig = createGuardRig()
    rig.connect('relay', 'guest')
    rig.relays.add('relay')
    rig.memory.used = 920
    rig.advance(120_000)
    expect(rig.closed).toEqual(['peer guest'])
  })

  test('[C6] under load, who uses nothing for peerUnusedMs is closed and counted; who says something is not', () => {
    const rig = createGuardRig()
    rig.connect('silent', 'talks', 'reserved')
    rig.reserved.add('reserved')
    rig.memory.used = 750
    for (let minute = 0; minute < 6; minute += 1) {
      rig.guard.onMessage('talks')
      rig.advance(60_000)
    }
    expect(rig.closed).toEqual(['peer silent'])
    expect(rig.refusals.counts()).toEqual({ 'peer/unused': 1 })
  })

  test('[C6] without load, who uses nothing may stay', () => {
    const rig = createGuardRig()
    rig.connect('silent')
    rig.advance(3_600_000)
    expect(rig.closed).toEqual([])
  })

  test('[A6] [A7] bandwidth that is used up tightens the limits, and they relax when it is free again', () => {
    const rig = createGuardRig({ relayBytesPerSecond: 1_000_000, peerBytesPerSecond: 400_000 })
    for (let second = 0; second < 20; second += 1) {
      rig.traffic.bytes += 500_000
      rig.traffic.besideBytes += 500_000
      rig.advance(1_000)
    }
    expect(rig.guard.stats().factor).toBe(0.25)
    expect(rig.limits().peerBytesPerSecond).toBe(100_000)
    expect(rig.limits().circuitDurationMs).toBe(rig.guard.limits().circuitDurationMs)
    rig.advance(300_000)
    expect(rig.guard.stats().factor).toBe(1)
    expect(rig.limits().peerBytesPerSecond).toBe(400_000)
  })

  test('[A7] once everybody has left, limits are as configured, although the allocator keeps what it had', () => {
    const rig = createGuardRig({}, { collects: true })
    rig.memory.live = 300
    rig.memory.used = 780
    rig.advance(10_000)
    expect(rig.guard.stats()).toMatchObject({ factor: 0.75, level: 'normal', rssBytes: 780 })
    rig.memory.live = 100
    rig.advance(120_000)
    expect(rig.guard.stats()).toMatchObject({ factor: 1, load: 0.58, rssBytes: 780 })
  })

  test('[C11] nothing is held about peers who have left', () => {
    const rig = createGuardRig()
    for (let index = 0; index < 1_000; index += 1) {
      rig.connect(`p${index}`)
      rig.guard.onEvent({ type: 'peer:disconnect', peer: `p${index}` })
      rig.guard.onMessage(`p${index}`)
    }
    rig.memory.used = 920
    rig.advance(60_000)
    expect(rig.closed).toEqual([])
  })
})
