import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { wellKnownPath } from '@tsugi/protocol'
import { describe, expect, it } from 'vitest'

import { type Mesh, message, openMesh, read, record, until, stay } from '../../test-support/mesh.ts'
import { type TestRelay, type TestRelayOptions, startRelay } from '../../test-support/start-relay.ts'
import type { MeshPeer } from '../mesh-peer.ts'

const connected = (relay: TestRelay): number => relay.relay.stats().relays.connected
const stateAt = (peer: MeshPeer, relay: TestRelay): string | undefined =>
  peer.relays.list().find(({ peerId }) => peerId === relay.relay.peerId)?.state

/** Two relays that name each other, and have met. */
async function fellows(mesh: Mesh, options: TestRelayOptions = {}): Promise<[TestRelay, TestRelay]> {
  const free = await startRelay()
  await free.kill()
  const b = await startRelay({ relays: [free.url] })
  const a = await startRelay({ port: free.port, relays: [b.url], ...options })
  for (const relay of [a, b]) mesh.own(() => relay.kill())
  await until('the relays have met', () => connected(a) === 1 && connected(b) === 1)
  return [a, b]
}

describe('a peer and relays that know each other', () => {
  it('holds slots on two relays when it knows one, which knows another [C10]', async () => {
    const mesh = openMesh()
    const [a, b] = await fellows(mesh)
    const peer = await mesh.peer([a.url])
    await until('two slots', () => peer.stats().relays.reserved === 2)
    expect([stateAt(peer, a), stateAt(peer, b)]).toEqual(['reserved', 'reserved'])
  })

  it('hears of the other one also from a relay that it knows by multiaddr [B9]', async () => {
    const mesh = openMesh()
    const [a, b] = await fellows(mesh)
    const peer = await mesh.peer([`/ip4/127.0.0.1/tcp/${a.port}/ws/p2p/${a.relay.peerId}`])
    await until('two slots', () => peer.stats().relays.reserved === 2)
    expect(stateAt(peer, b)).toBe('reserved')
  })

  it('a relay that claims the identity of another neither holds up the way to that one nor takes a third one’s place [B9 C10]', async () => {
    const mesh = openMesh()
    const honest = await startRelay()
    const other = await startRelay()
    for (const relay of [honest, other]) mesh.own(() => relay.kill())
    const liar = createServer((request, response) => {
      if (request.url === wellKnownPath) response.end(JSON.stringify(honest.relay.wellKnown()))
      else response.writeHead(404).end()
    })
    // It takes every socket, and never says a word.
    liar.on('upgrade', (_request, socket) => socket.on('error', () => {}))
    await new Promise<void>(resolve => {
      liar.listen(0, '127.0.0.1', resolve)
    })
    mesh.own(async () => {
      liar.closeAllConnections()
      liar.close()
    })
    const lies = `http://127.0.0.1:${(liar.address() as AddressInfo).port}`
    const peer = await mesh.peer([lies, honest.url, other.url])
    const changes = record(peer, 'relay:change')
    await until(
      'two slots',
      () => [stateAt(peer, honest), stateAt(peer, other)].every(state => state === 'reserved'),
      40_000,
    )
    const atHonest = changes.filter(({ relay }) => relay.source === honest.url).map(({ change }) => change)
    expect(atHonest.slice(0, 2)).toEqual(['connecting', 'reserved'])
    expect(changes.some(({ change, relay }) => change === 'reserved' && relay.source === lies)).toBe(false)
  }, 60_000)

  it('peers on different relays talk, and go on over the other relay when theirs is killed [B10]', async () => {
    const mesh = openMesh()
    const [a, b] = await fellows(mesh)
    const options = { slots: 1, webrtc: false }
    const [black, white] = [await mesh.peer([a.url], options), await mesh.peer([b.url], options)]
    await until('ready', () => black.state === 'ready' && white.state === 'ready')
    const [topicB, topicW] = [await stay(black, 'game'), await stay(white, 'game')]
    const [readB, readW] = [read(topicB), read(topicW)]
    await until('they see each other', () => topicB.peers.length === 1 && topicW.peers.length === 1)
    await topicB.publish(message(1))
    await topicW.publish(message(2))
    await until('both have heard', () => readW.includes(1) && readB.includes(2))
    expect([stateAt(black, b), stateAt(white, a)]).not.toContain('reserved')
    await a.kill()
    await until('black is at the other relay', () => stateAt(black, b) === 'reserved')
    await until('black is heard again', async () => {
      await topicB.publish(message(3))
      return readW.includes(3)
    })
  })

  it('moves away from a relay that drains before that ends, and loses nothing that is said meanwhile [B10]', async () => {
    const mesh = openMesh()
    const [a, b] = await fellows(mesh)
    const options = { slots: 1, webrtc: false }
    const [black, white] = [await mesh.peer([a.url], options), await mesh.peer([b.url], options)]
    await until('ready', () => black.state === 'ready' && white.state === 'ready')
    const [topicB, topicW] = [await stay(black, 'game'), await stay(white, 'game')]
    const heard: number[] = []
    void (async () => {
      for await (const { data } of topicB) heard.push((data[0] ?? 0) * 256 + (data[1] ?? 0))
    })()
    const say = (word: number): Promise<unknown> => topicW.publish(Uint8Array.of(word >> 8, word % 256))
    await until('they see each other', () => topicB.peers.length === 1 && topicW.peers.length === 1)
    const changes = record(black, 'relay:change')
    const offline = record(black, 'offline')
    let isStopped = false
    const stopped = a.stop().then(() => (isStopped = true))
    let said = 0
    await until('the relay has ended', async () => {
      said += 1
      await say(said)
      return isStopped
    })
    await stopped
    said += 1
    await say(said)
    await until('as many words as were said are heard', () => heard.length >= said)
    // While they travel by both relays, one may overtake another.
    const inOrder = heard.toSorted((one, other) => one - other)
    expect(inOrder).toEqual(Array.from({ length: said }, (_, index) => index + 1))
    expect(offline).toEqual([])
    const order = changes.map(({ change, relay }) => `${change} ${relay.url === a.url ? 'a' : 'b'}`)
    expect(order.indexOf('draining a')).toBeGreaterThanOrEqual(0)
    expect(order.indexOf('reserved b')).toBeGreaterThan(order.indexOf('draining a'))
    expect(order.indexOf('reserved b')).toBeLessThan(order.indexOf('lost a'))
  })

  it('a relay that drains is not held up by peers that know no other', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const peer = await mesh.peer([relay.url])
    await until('ready', () => peer.state === 'ready')
    const changes = record(peer, 'relay:change')
    await relay.stop()
    await until('lost', () => peer.state === 'offline')
    expect(changes.map(({ change }) => change)).toEqual(expect.arrayContaining(['draining', 'lost']))
  })

  it('a full relay’s peers go to the one that it names [A4] [B9]', async () => {
    const mesh = openMesh()
    const [a, b] = await fellows(mesh, { limits: { relayReservations: 1 } })
    const first = await mesh.peer([a.url], { slots: 1 })
    await until(
      'the slot is taken',
      () => a.relay.stats().circuits.reservations + b.relay.stats().circuits.reservations === 1,
    )
    const peer = await mesh.peer([a.url], { slots: 1 })
    await until('at the other one', () => stateAt(peer, b) === 'reserved')
    expect(first.state).toBe('ready')
  })

  it('asks relays with room first [B9]', async () => {
    const mesh = openMesh()
    const [full, open] = [await startRelay({ limits: { relayReservations: 0 } }), await startRelay()]
    const peer = await mesh.peer([full.url, open.url], { slots: 1 })
    await until('reserved', () => stateAt(peer, open) === 'reserved')
    expect(peer.relays.list()[0]?.state).toBe('waiting')
  })

  it('takes the nearest: the one that answers first [B9]', async () => {
    const mesh = openMesh()
    const far = Promise.withResolvers<void>()
    const [one, other] = [await startRelay({ describesAfter: far.promise }), await startRelay()]
    const peer = await mesh.peer([one.url, other.url], { slots: 1 })
    await until('reserved', () => stateAt(peer, other) === 'reserved')
    far.resolve()
    expect(peer.relays.list()[0]?.state).toBe('waiting')
  })

  it('two names of one relay hold one slot', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const peer = await mesh.peer([relay.url, `http://localhost:${relay.port}`])
    await until('the second is known for what it is', () =>
      peer.relays.list().some(({ state, reason }) => state === 'waiting' && reason?.includes('another name') === true),
    )
    await until('ready', () => peer.state === 'ready')
    expect(peer.stats().relays.reserved).toBe(1)
  })
})

describe('a relay that lies about others', () => {
  it('costs a few tries, and is used as before [B9]', async () => {
    const mesh = openMesh()
    const lies = Array.from({ length: 14 }, (_, index) => `http://127.0.0.1:${index + 1}`)
    const liar = await startRelay({ lies: [...lies, 'http://169.254.169.254', 'no address'] })
    const peer = await mesh.peer([liar.url])
    const changes = record(peer, 'relay:change')
    await until('ready', () => peer.state === 'ready')
    await until('its hints are forgotten', () => changes.filter(({ change }) => change === 'removed').length >= 8)
    await until('only it is left', () => peer.relays.list().length === 1)
    expect(stateAt(peer, liar)).toBe('reserved')
    expect(peer.relays.list()[0]?.url).toBe(liar.url)
    const tried = new Set(changes.map(({ relay }) => relay.source))
    expect(tried.size).toBe(9)
    expect([...tried].every(source => source.startsWith('http://127.0.0.1:'))).toBe(true)
  })

  it('what the application names is kept, whatever else is told', async () => {
    const mesh = openMesh()
    const liar = await startRelay({ lies: ['http://127.0.0.1:1', 'http://127.0.0.1:2'] })
    const peer = await mesh.peer([liar.url], { limits: { knownRelays: 2 }, slots: 1 })
    await until('ready', () => peer.state === 'ready')
    expect(peer.relays.list()).toHaveLength(2)
    peer.relays.add('http://127.0.0.1:3')
    expect(peer.relays.list().map(({ source }) => source)).toEqual([liar.url, 'http://127.0.0.1:3'])
    expect(() => peer.relays.add('http://127.0.0.1:4')).toThrow(expect.objectContaining({ code: 'relay/too-many' }))
  })
})
