import { describe, expect, it } from 'vitest'

import { collect, openMesh, message, record, until, stay } from '../test-support/mesh.ts'
import { startRelay } from '../test-support/start-relay.ts'
import { createPeer } from './index.ts'

/** What keeps this process running, by kind. */
function active(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

describe('stop()', () => {
  it('leaves no timer, socket, listener or task behind [C5]', async () => {
    const relay = await startRelay()
    // The first peer loads what is loaded once.
    await createPeer({ app: 'test', relays: [relay.url], identity: 'memory' }).then(peer => peer.stop())
    const before = active()
    const mesh = openMesh()
    const [a, b] = await mesh.pair([relay.url])
    const [topicA, topicB] = [await stay(a, 'game'), await stay(b, 'game')]
    await until('direct', () => a.links.get(b.id)?.kind === 'direct' && b.links.get(a.id)?.kind === 'direct')
    await topicA.publish(message(1))
    expect(a.tasks().length).toBeGreaterThan(5)
    expect(a.stats().tasks).toBe(a.tasks().length)
    const stopped = record(a, 'stopped')
    const iteration = collect(topicB)
    await Promise.all([a.stop(), b.stop()])
    await a.stop()
    await mesh.end()
    expect((await iteration).length).toBeLessThanOrEqual(1)
    expect(stopped).toHaveLength(1)
    for (const peer of [a, b]) {
      expect(peer.state).toBe('stopped')
      expect(peer.tasks()).toEqual([])
      expect(peer.stats()).toMatchObject({
        connections: 0,
        links: { total: 0 },
        topics: { joined: 0 },
        book: { peers: 0 },
        tasks: 0,
      })
    }
    await until('the relay has forgotten them', () => relay.relay.stats().peers === 0)
    await until(`nothing more active than ${JSON.stringify(before)}`, () => {
      const now = active()
      return Object.entries(now).every(([kind, count]) => count <= (before[kind] ?? 0) || kind === 'Immediate')
    })
  })

  it('ends a peer that never found a relay, and what comes after is refused', async () => {
    const peer = await createPeer({ app: 'test', relays: ['http://127.0.0.1:1'], identity: 'memory' })
    await peer.stop()
    expect(peer.tasks()).toEqual([])
    await expect(peer.topics.join('game')).rejects.toMatchObject({ code: 'peer/stopped' })
    await expect(peer.links.open(peer.id)).rejects.toMatchObject({ code: 'peer/stopped' })
  })

  it('ends while everything is still beginning', async () => {
    const relay = await startRelay()
    const peer = await createPeer({ app: 'test', relays: [relay.url], identity: 'memory' })
    const joining = peer.topics.join('game')
    await peer.stop()
    await joining
    expect(peer.tasks()).toEqual([])
    expect(peer.stats()).toMatchObject({ connections: 0, topics: { joined: 0 } })
  })
})
