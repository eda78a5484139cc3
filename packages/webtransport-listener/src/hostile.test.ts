import { randomBytes } from 'node:crypto'

import type { Libp2p } from '@libp2p/interface'
import { afterEach, describe, expect, it } from 'vitest'

import { exchange, sinkProtocol, startListener, startNode, unavailable, until } from '../test-support/node.ts'
import { Stranger, askFor, falseInitial, listenerOf, portOf } from '../test-support/raw-visitor.ts'
import { createShiftableTimers } from '../test-support/shiftable-timers.ts'

const endpoint = '/.well-known/libp2p-webtransport'
/** @moq/web-transport 0.1.4 drops the connection together with its answer, so the status itself does not arrive. */
const refusedByStatus = /failed to exchange h3 connect/
const nodes: Libp2p[] = []
async function keep(node: Promise<Libp2p>): Promise<Libp2p> {
  const started = await node
  nodes.push(started)
  return started
}

afterEach(async () => {
  for (const node of nodes.splice(0)) await node.stop()
})

/** Somebody honest gets in and is served. */
async function expectService(listener: Libp2p): Promise<void> {
  const visitor = await keep(startNode())
  const connection = await visitor.dial(listener.getMultiaddrs())
  expect(await exchange(connection, randomBytes(10_000))).toHaveLength(10_000)
}

describe.skipIf(unavailable !== undefined)('strangers and hostile visitors', () => {
  it('answers another path, and another handshake, with 400', async () => {
    const listener = await keep(startListener())
    for (const path of ['/', `${endpoint}?type=plaintext`, endpoint, `${endpoint}?type=noise&type=noise`]) {
      await expect(askFor(listener, path)).rejects.toThrow(refusedByStatus)
    }
    expect(listenerOf(listener).stats.refused['status-400']).toBe(4)
    await expectService(listener)
  })

  it('answers with 503 when it has all the sessions that it may have', async () => {
    const listener = await keep(startListener({ limits: { sessions: 1 } }))
    await expectService(listener)
    await expect(askFor(listener, `${endpoint}?type=noise`)).rejects.toThrow(refusedByStatus)
    expect(listenerOf(listener).stats.refused['status-503']).toBe(1)
  })

  it('answers with 403 whom the gater denies', async () => {
    const listener = await keep(startListener({ gater: { denyInboundConnection: () => true } }))
    await expect(askFor(listener, `${endpoint}?type=noise`)).rejects.toThrow(refusedByStatus)
    expect(listenerOf(listener).stats.refused['status-403']).toBe(1)
  })

  it('ends a session that never speaks Noise, and one that speaks nonsense', async () => {
    const listener = await keep(startListener())
    const session = await askFor(listener, `${endpoint}?type=noise`)
    const pair = await session.openBi()
    await pair.takeSend().write(randomBytes(5_000))
    await session.closed()
    expect(listenerOf(listener).stats.refused.noise).toBe(1)
    await until(() => listenerOf(listener).stats.sessions === 0, 'the session is gone')
    await expectService(listener)
  })

  it('passes over datagrams that begin nothing, and tells other versions which one is spoken', async () => {
    const listener = await keep(startListener())
    using stranger = new Stranger(portOf(listener))
    for (let count = 0; count < 50; count += 1) await stranger.send(randomBytes(count * 20))
    await stranger.send(falseInitial(0x6b3343cf))
    expect((await stranger.answer()).readUInt32BE(1)).toBe(0)
    const { pending, refused } = listenerOf(listener).stats
    expect(pending).toBe(0)
    expect(refused.version).toBe(1)
    await until(() => (listenerOf(listener).stats.refused.stray ?? 0) >= 49, 'all have been counted')
    await expectService(listener)
  })

  it('holds only so many handshakes of one address, forgets them in time, and has room again', async () => {
    const timers = createShiftableTimers()
    const listener = await keep(startListener({ timers, limits: { pendingPerAddress: 4, answerMs: 300 } }))
    const strangers = Array.from({ length: 12 }, () => new Stranger(portOf(listener)))
    for (const stranger of strangers) await stranger.send(falseInitial())
    await until(() => (listenerOf(listener).stats.refused['pending-address'] ?? 0) >= 8, 'the ceiling was met')
    expect(listenerOf(listener).stats.pending).toBeLessThanOrEqual(4)
    await until(() => listenerOf(listener).stats.pending === 0, 'they have been forgotten')
    expect(listenerOf(listener).stats.refused['handshake-timeout']).toBe(4)
    for (const stranger of strangers) stranger[Symbol.dispose]()
    await expectService(listener)
  })

  it('outlives a visitor that opens streams, resets them and reads nothing', async () => {
    const listener = await keep(startListener({ limits: { streams: 8 } }))
    const hostile = await keep(startNode())
    const connection = await hostile.dial(listener.getMultiaddrs())
    for (let round = 0; round < 4; round += 1) {
      const streams = await Promise.allSettled(Array.from({ length: 20 }, () => connection.newStream(sinkProtocol)))
      for (const each of streams) {
        if (each.status !== 'fulfilled') continue
        each.value.send(randomBytes(20_000))
        each.value.abort(new Error('changed my mind'))
      }
    }
    expect(listenerOf(listener).stats.refused.streams).toBeGreaterThan(0)
    await until(() => listener.getConnections().every(each => each.streams.length === 0), 'its streams have ended')
    await expectService(listener)
  })

  it('leaves nothing behind when it closes in the middle of everything', async () => {
    const listener = await startListener()
    const visitors = await Promise.all(Array.from({ length: 5 }, () => keep(startNode())))
    const connections = await Promise.all(visitors.map(visitor => visitor.dial(listener.getMultiaddrs())))
    using stranger = new Stranger(portOf(listener))
    await stranger.send(falseInitial())
    const below = listenerOf(listener)
    await listener.stop()
    expect(below.stats).toMatchObject({ sessions: 0, pending: 0 })
    await until(() => connections.every(each => each.status !== 'open'), 'everybody was told')
  })
})
