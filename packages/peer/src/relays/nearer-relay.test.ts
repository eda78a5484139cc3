import { describe, expect, it } from 'vitest'

import { message, openMesh, read, record, until, stay } from '../../test-support/mesh.ts'
import { startRelay } from '../../test-support/start-relay.ts'
import { startPeer } from '../create-peer.ts'
import { NearerRelay } from './nearer-relay.ts'
import type { RelayKeeper } from './relay-keeper.ts'

const { signal } = new AbortController()

/** A relay that is so far away, measured after measured; the last value stays. */
function at(...distancesMs: number[]): RelayKeeper {
  return {
    hasRoom: true,
    measure: async () => (distancesMs.length > 1 ? distancesMs.shift() : distancesMs[0]),
  } as unknown as RelayKeeper
}

describe('a relay that is clearly nearer', () => {
  it('is one that two rounds in a row say so of', async () => {
    const nearer = new NearerRelay()
    const [near, middle, far] = [at(10), at(60), at(100)]
    expect(await nearer.look([middle, far], [near], signal)).toBeUndefined()
    expect(await nearer.look([middle, far], [near], signal)).toEqual({ from: far, to: near })
  })

  it('is none whose lead goes away in between', async () => {
    const nearer = new NearerRelay()
    const [spare, held] = [at(10, 90, 10, 90), at(100)]
    for (let round = 0; round < 4; round += 1)
      expect(await nearer.look([held], [spare], signal), `round ${round}`).toBeUndefined()
  })

  it.each([
    { what: 'only a little nearer', spare: at(60) },
    { what: 'full', spare: Object.assign(at(1), { hasRoom: false }) },
  ])('is none that is $what', async ({ spare }) => {
    const nearer = new NearerRelay()
    for (let round = 0; round < 3; round += 1) expect(await nearer.look([at(100)], [spare], signal)).toBeUndefined()
  })

  it('is none when nobody could feel it', async () => {
    const nearer = new NearerRelay()
    for (let round = 0; round < 3; round += 1) expect(await nearer.look([at(15)], [at(1)], signal)).toBeUndefined()
  })

  it('is found among many, measured a few at a time', async () => {
    const nearer = new NearerRelay()
    const spare = [...Array.from({ length: 9 }, () => at(95)), at(5)]
    const held = [at(100)]
    const moves = []
    for (let round = 0; round < spare.length + 1; round += 1) moves.push(await nearer.look(held, spare, signal))
    expect(moves.find(move => move !== undefined)?.to).toBe(spare.at(-1))
  })
})

describe('a peer whose relay is far away', () => {
  it('takes a slot of a nearer one, then leaves the other, and what is said goes on [B9]', async () => {
    const mesh = openMesh()
    const [far, near] = [await startRelay({ describesInMs: 150 }), await startRelay()]
    const peer = await startPeer(
      { app: 'test', relays: [far.url], identity: 'memory', slots: 1, webrtc: false },
      { nearerEveryMs: 50 },
    )
    mesh.own(() => peer.stop())
    await until('at the far one', () => peer.state === 'ready')
    const changes = record(peer, 'relay:change')
    const offline = record(peer, 'offline')
    peer.relays.add(near.url)
    const other = await mesh.peer([near.url], { slots: 1, webrtc: false })
    const [topic, heardAt] = [await stay(peer, 'game'), read(await stay(other, 'game'))]
    const stateAt = (url: string): string | undefined => peer.relays.list().find(relay => relay.url === url)?.state
    await until(
      'at the near one only',
      () => stateAt(near.url) === 'reserved' && stateAt(far.url) === 'waiting',
      90_000,
    )
    const told = changes.map(({ change, relay }) => `${change} ${relay.url === far.url ? 'far' : 'near'}`)
    expect(told).toEqual(['connecting near', 'reserved near', 'waiting far'])
    expect(offline).toEqual([])
    await until('heard', async () => {
      await topic.publish(message(1))
      return heardAt.includes(1)
    })
  }, 100_000)

  it('stays while a circuit runs over it', async () => {
    const mesh = openMesh()
    const [far, near] = [await startRelay({ describesInMs: 150 }), await startRelay()]
    const options = { app: 'test', relays: [far.url], identity: 'memory', slots: 1, webrtc: false } as const
    const peer = await startPeer(options, { nearerEveryMs: 50 })
    mesh.own(() => peer.stop())
    const friend = await mesh.peer([far.url], { slots: 1, webrtc: false })
    await until('ready', () => peer.state === 'ready' && friend.state === 'ready')
    const address = `/ip4/127.0.0.1/tcp/${far.port}/ws/p2p/${far.relay.peerId}/p2p-circuit/p2p/${friend.id}`
    await peer.links.open(friend.id, { addresses: [address] })
    await until('a circuit', () => peer.connectionsTo(friend.id).length === 1)
    peer.relays.add(near.url)
    await until('both hold a slot', () => peer.stats().relays.reserved === 2)
    expect(peer.connectionsTo(friend.id)[0]?.status).toBe('open')
    expect(peer.relays.list()[0]).toMatchObject({ url: far.url, state: 'reserved' })
    await peer.links.close(friend.id)
    await until('the circuit has ended', () => peer.connectionsTo(friend.id).length === 0)
    await until('the far one is left', () => peer.stats().relays.reserved === 1, 90_000)
    expect(peer.relays.list()[1]).toMatchObject({ url: near.url, state: 'reserved' })
  }, 120_000)
})
