import { describe, expect, it } from 'vitest'

import { openMesh, message, read, record, until, stay } from '../../test-support/mesh.ts'
import { startRelay } from '../../test-support/start-relay.ts'

describe('the relays of a peer', () => {
  it('starts without waiting for them, tells when one is there, and how', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const peer = await mesh.peer([relay.url])
    expect(peer.state).toBe('starting')
    const changes = record(peer, 'relay:change')
    await until('ready', () => peer.state === 'ready')
    const [status] = peer.relays.list()
    expect(status).toMatchObject({ source: relay.url, url: relay.url, peerId: relay.relay.peerId, state: 'reserved' })
    expect(status?.expiresAt).toBeGreaterThan(Date.now() + 30 * 60_000)
    expect(changes.map(({ change }) => change)).toEqual(['reserved'])
    expect(relay.relay.stats().circuits.reservations).toBe(1)
  })

  it('takes a multiaddr as well as a URL', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const peer = await mesh.peer([`/ip4/127.0.0.1/tcp/${relay.port}/ws/p2p/${relay.relay.peerId}`])
    await until('ready', () => peer.state === 'ready')
    expect(peer.relays.list()[0]).not.toHaveProperty('url')
  })

  it('keeps trying a relay that is not there yet, and says when', async () => {
    const mesh = openMesh()
    const reserved = await startRelay()
    await reserved.kill()
    const peer = await mesh.peer([reserved.url])
    const changes = record(peer, 'relay:change')
    await until('offline', () => peer.state === 'offline')
    const lost = changes.find(({ change }) => change === 'lost')
    expect(lost?.relay.retryAt).toBeGreaterThan(Date.now() - 1_000)
    expect(lost?.relay.reason).toBeTruthy()
    await startRelay({ port: reserved.port })
    await until('ready', () => peer.state === 'ready')
  })

  it('comes back to a relay that restarted on the same port, and its topics with it [A3]', async () => {
    const mesh = openMesh()
    const dir = await mesh.directory()
    const first = await startRelay({ dataDir: dir })
    mesh.own(() => first.kill())
    const [a, b] = await mesh.pair([first.url], { webrtc: false })
    const [topicA, topicB] = [await stay(a, 'game'), await stay(b, 'game')]
    const readB = read(topicB)
    const changes = record(a, 'relay:change')
    await first.kill()
    await until('offline', () => a.state === 'offline' && b.state === 'offline')
    const second = await startRelay({ port: first.port, dataDir: dir })
    await until('ready', () => a.state === 'ready' && b.state === 'ready')
    expect(second.relay.peerId).toBe(first.relay.peerId)
    expect(changes.map(({ change }) => change)).toEqual(expect.arrayContaining(['lost', 'reserved']))
    await until('on the topic again', () => second.relay.stats().gossip.topics === 1)
    await until('heard', () => {
      void topicA.publish(message(1))
      return readB.includes(1)
    })
  })

  it('comes back to a relay that restarted with another identity', async () => {
    const mesh = openMesh()
    const first = await startRelay()
    const peer = await mesh.peer([first.url])
    await until('ready', () => peer.state === 'ready')
    await first.kill()
    await until('offline', () => peer.state === 'offline')
    const second = await startRelay({ port: first.port })
    await until('ready', () => peer.state === 'ready')
    expect(peer.relays.list()[0]?.peerId).toBe(second.relay.peerId)
    expect(second.relay.peerId).not.toBe(first.relay.peerId)
  })

  it('holds slots on two relays, keeps a third in reserve, and uses it when one goes [C10]', async () => {
    const mesh = openMesh()
    const relays = [await startRelay(), await startRelay(), await startRelay()]
    for (const relay of relays) mesh.own(() => relay.kill())
    const peer = await mesh.peer(relays.map(({ url }) => url))
    await until('two slots', () => peer.stats().relays.reserved === 2)
    const inState = (state: string): number => peer.relays.list().findIndex(relay => relay.state === state)
    const [used, spare] = [inState('reserved'), inState('waiting')]
    expect(spare).not.toBe(-1)
    await relays[used]?.kill()
    await until('replaced', () => peer.relays.list()[spare]?.state === 'reserved')
    expect(peer.state).toBe('ready')
    expect(peer.relays.list()[used]?.state).toMatch(/lost|connecting/)
  })

  it('plays over a relay that has no slot to give, and says why there is none [A4]', async () => {
    const mesh = openMesh()
    const relay = await startRelay({ limits: { relayReservations: 1 } })
    const first = await mesh.peer([relay.url])
    await until('ready', () => first.state === 'ready')
    const second = await mesh.peer([relay.url])
    await until('ready', () => second.state === 'ready')
    expect(second.relays.list()[0]).toMatchObject({ state: 'refused', reason: 'RESERVATION_REFUSED' })
    const [topicA, topicB] = [await stay(first, 'game'), await stay(second, 'game')]
    const readB = read(topicB)
    await topicA.publish(message(1))
    await until('heard', () => readB.includes(1))
  })

  it('adds and removes them while it runs', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const peer = await mesh.peer([])
    peer.relays.add(relay.url)
    peer.relays.add(relay.url)
    await until('ready', () => peer.state === 'ready')
    expect(peer.relays.list()).toHaveLength(1)
    expect(await peer.relays.remove(relay.url)).toBe(true)
    expect(await peer.relays.remove(relay.url)).toBe(false)
    await until('gone', () => peer.stats().connections === 0)
    expect(peer.state).toBe('offline')
  })

  it('remembers no more of them than the limit allows', async () => {
    const mesh = openMesh()
    const peer = await mesh.peer([], { limits: { knownRelays: 1 } })
    peer.relays.add('http://127.0.0.1:1')
    expect(() => peer.relays.add('http://127.0.0.1:2')).toThrow(expect.objectContaining({ code: 'relay/too-many' }))
  })
})
