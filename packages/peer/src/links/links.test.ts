import { describe, expect, it } from 'vitest'

import { openMesh, message, read, record, until, stay } from '../../test-support/mesh.ts'
import { startRelay } from '../../test-support/start-relay.ts'
import type { MeshPeer } from '../mesh-peer.ts'

describe('the link between two peers on one topic', () => {
  it('becomes relayed, then direct, at both ends; the circuit goes, and gossip goes on both ways [C8]', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [a, b] = await mesh.pair([relay.url])
    const changes = { a: record(a, 'link:change'), b: record(b, 'link:change') }
    const [topicA, topicB] = [await stay(a, 'game'), await stay(b, 'game')]
    const [readA, readB] = [read(topicA), read(topicB)]
    await until(
      'direct at both ends',
      () => a.links.get(b.id)?.kind === 'direct' && b.links.get(a.id)?.kind === 'direct',
    )
    for (const seen of [changes.a, changes.b]) {
      expect(seen[0]).toMatchObject({ kind: 'relayed', previous: 'none' })
      expect(seen.at(-1)).toMatchObject({ kind: 'direct', previous: 'relayed', reason: 'a direct line stands' })
    }
    // One connection to the relay and one to the other: the circuit is gone.
    await until('no circuit left', () => a.stats().connections === 2 && b.stats().connections === 2)
    await until('gossip on the direct line', () => a.stats().gossip.peers === 2 && b.stats().gossip.peers === 2)
    // Each has learned over the direct line, too, that the other is on the topic.
    await until('A sends both ways', async () => (await topicA.publish(message(1))).recipients === 2)
    await until('B sends both ways', async () => (await topicB.publish(message(2))).recipients === 2)
    await until('both heard', () => readA.includes(2) && readB.includes(1))
    await until('a round trip is known', () => typeof a.links.get(b.id)?.roundTripMs === 'number')
    await until('the route is known', () => a.links.get(b.id)?.route?.relay === null)
    expect(a.links.get(b.id)?.route).toEqual({
      relay: null,
      local: expect.stringMatching(/host|prflx/),
      remote: expect.stringMatching(/host|prflx/),
    })
  })

  it('keeps messages flowing when the relay dies, and only their other line is lost [B10]', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [a, b] = await mesh.pair([relay.url])
    const [topicA, topicB] = [await stay(a, 'game'), await stay(b, 'game')]
    const [readA, readB] = [read(topicA), read(topicB)]
    await until('direct', () => a.links.get(b.id)?.kind === 'direct' && b.links.get(a.id)?.kind === 'direct')
    await until('no circuit left', () => a.stats().connections === 2 && b.stats().connections === 2)
    await relay.kill()
    await until('offline', () => a.state === 'offline' && b.state === 'offline')
    await topicA.publish(message(1))
    await topicB.publish(message(2))
    await until('both heard', () => readA.includes(2) && readB.includes(1))
    expect(a.links.get(b.id)?.kind).toBe('direct')
  })

  it('gets its circuit back as soon as the other is heard again, however long the next attempt would wait [B10]', async () => {
    const mesh = openMesh()
    const dataDir = await mesh.directory()
    const relay = await startRelay({ dataDir })
    mesh.own(() => relay.kill())
    const anHour = 3_600_000
    const timing = { retryCircuit: { firstMs: anHour, maxMs: anHour }, farewellMs: anHour, impatienceMs: anHour }
    const start = (): Promise<MeshPeer> => mesh.peer([relay.url], { webrtc: false }, timing)
    const [a, b] = [await start(), await start()]
    for (const peer of [a, b]) await stay(peer, 'game')
    await until('a circuit', () => a.links.get(b.id)?.state === 'relayed' && b.links.get(a.id)?.state === 'relayed')
    const dialler = a.id < b.id ? a : b
    const isWaiting = (): boolean => dialler.tasks().some(({ name }) => /^links\/.*\/retry$/.test(name))
    await relay.kill()
    await until('the other is away, and the next attempt waits', () => {
      return dialler.links.list()[0]?.kind === 'none' && isWaiting()
    })
    await startRelay({ port: relay.port, dataDir })
    await until('a circuit', () => dialler.links.list()[0]?.state === 'relayed')
    expect(isWaiting()).toBe(false)
  })

  it('stays relayed where direct lines are switched off, and says so', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [a, b] = await mesh.pair([relay.url], { webrtc: false })
    const [topicA, topicB] = [await stay(a, 'game'), await stay(b, 'game')]
    const [readA, readB] = [read(topicA), read(topicB)]
    await until('a circuit', () => a.links.get(b.id)?.state === 'relayed' && b.links.get(a.id)?.state === 'relayed')
    await until('the reason', () => a.links.get(b.id)?.reason === 'direct lines are switched off here')
    await topicA.publish(message(1))
    await topicB.publish(message(2))
    await until('both heard', () => readA.includes(2) && readB.includes(1))
    expect(a.links.get(b.id)?.kind).toBe('relayed')
    await until('the route', () => a.links.get(b.id)?.route !== null)
    expect(a.links.get(b.id)?.route).toEqual({ relay: relay.relay.peerId, local: null, remote: null })
  })

  it('falls back to the relay when the direct line dies, and is direct again after [C9]', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [a, b] = await mesh.pair([relay.url])
    const [topicA, topicB] = [await stay(a, 'game'), await stay(b, 'game')]
    const readB = read(topicB)
    await until('direct', () => a.links.get(b.id)?.kind === 'direct' && b.links.get(a.id)?.kind === 'direct')
    await until('no circuit left', () => a.stats().connections === 2)
    const changes = { a: record(a, 'link:change'), b: record(b, 'link:change') }
    for (const connection of a.connectionsTo(b.id)) connection.abort(new Error('cut'))
    await until('noticed', () => changes.a.length > 0 && changes.b.length > 0)
    expect(changes.a[0]).toMatchObject({ kind: 'relayed', previous: 'direct', reason: 'the direct line broke' })
    await topicA.publish(message(1))
    await until('heard over the relay or the new line', () => readB.includes(1))
    await until('direct again', () => a.links.get(b.id)?.kind === 'direct' && b.links.get(a.id)?.kind === 'direct')
    await topicA.publish(message(2))
    await until('heard again', () => readB.includes(2))
  })

  it('ends some time after the last common topic is left', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [a, b] = await mesh.pair([relay.url])
    const topicA = await stay(a, 'game')
    await stay(b, 'game')
    await until('direct', () => a.links.get(b.id)?.kind === 'direct')
    const changes = record(a, 'link:change')
    await topicA.leave()
    await until('closed', () => a.links.get(b.id) === undefined)
    expect(changes.at(-1)).toMatchObject({ kind: 'closed', reason: 'no topic in common any more' })
    await until('nothing left', () => a.stats().connections === 1)
  })

  it('is kept for whoever holds it after the last common topic was left, and comes back for them', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [a, b] = await mesh.pair([relay.url], { webrtc: false })
    const c = await mesh.peer([relay.url], { webrtc: false })
    const topics = [await stay(a, 'game'), await stay(b, 'game'), await stay(c, 'game')]
    a.links.held.add(b.id)
    b.links.held.add(a.id)
    await until('lines', () => a.links.get(b.id)?.state === 'relayed' && a.links.get(c.id)?.state === 'relayed')
    await Promise.all(topics.map(topic => topic.leave()))
    await until('the one that nobody holds has gone', () => a.links.get(c.id) === undefined)
    expect(a.links.get(b.id)?.state).toBe('relayed')
    for (const connection of a.connectionsTo(b.id)) connection.abort(new Error('cut'))
    await until('gone', () => a.links.get(b.id)?.state !== 'relayed')
    await until('back', () => a.links.get(b.id)?.state === 'relayed')
    a.links.held.delete(b.id)
    b.links.held.delete(a.id)
    await until('gone for good', () => a.links.get(b.id) === undefined)
  })

  it('is opened and closed by hand, against the rule', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [a, b] = await mesh.pair([relay.url])
    await until('reserved', () => a.relays.list()[0]?.state === 'reserved' && b.relays.list()[0]?.state === 'reserved')
    const circuit = `/ip4/127.0.0.1/tcp/${relay.port}/ws/p2p/${relay.relay.peerId}/p2p-circuit`
    const link = await b.links.open(a.id, { addresses: [circuit, `${circuit}/webrtc`] })
    expect(link.kind).toMatch(/relayed|direct/)
    await until('direct', () => b.links.get(a.id)?.kind === 'direct')
    await b.links.close(a.id)
    expect(b.links.get(a.id)).toBeUndefined()
    await until('closed at the other end', () => a.stats().connections === 1)
  })

  it('is closed by a peer that neither asked for it nor shares a topic, after a while [C6]', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const a = await mesh.peer([relay.url], { webrtc: false })
    const b = await mesh.peer([relay.url], { webrtc: false }, { unsettledMs: 500 })
    await until('reserved', () => b.relays.list()[0]?.state === 'reserved' && a.state === 'ready')
    const circuit = `/ip4/127.0.0.1/tcp/${relay.port}/ws/p2p/${relay.relay.peerId}/p2p-circuit`
    await a.links.open(b.id, { addresses: [circuit] })
    await until('seen', () => b.links.list().length === 1)
    const changes = record(b, 'link:change')
    await until('closed', () => changes.some(({ kind }) => kind === 'closed'))
    expect(changes.find(({ kind }) => kind === 'closed')?.reason).toBe('no topic in common any more')
  })

  it('refuses what is no peer, itself, and tells when a peer cannot be reached', async () => {
    const mesh = openMesh()
    const [a, b] = await mesh.pair([])
    await expect(a.links.open('nobody')).rejects.toMatchObject({ code: 'link/invalid-peer' })
    await expect(a.links.open(a.id)).rejects.toMatchObject({ code: 'link/invalid-peer' })
    await expect(a.links.open(b.id, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'link/unreachable' })
  })
})
