import { describe, expect, it } from 'vitest'

import { message, openMesh, read, record, until, stay } from '../../test-support/mesh.ts'
import { startRelayProcess } from '../../test-support/relay-process.ts'
import { startRelay } from '../../test-support/start-relay.ts'
import { startStockRelay } from '../../test-support/start-stock-relay.ts'
import type { MeshPeer } from '../mesh-peer.ts'

const stateAt = (peer: MeshPeer, url: string): string | undefined =>
  peer.relays.list().find(relay => relay.url === url)?.state

describe('a relay that is frozen', () => {
  it('is replaced while its line still stands, and is one too many when it answers again [B10]', async () => {
    const mesh = openMesh()
    const frozen = await startRelayProcess()
    const other = await startRelay()
    const [black, white] = await mesh.pair([frozen.url], { slots: 1, webrtc: false })
    await until('ready', () => black.state === 'ready' && white.state === 'ready')
    for (const peer of [black, white]) peer.relays.add(other.url)
    const [topicB, topicW] = [await stay(black, 'game'), await stay(white, 'game')]
    const readW = read(topicW)
    await until('they see each other', () => topicB.peers.length === 1 && topicW.peers.length === 1)
    await until('over the relay', () => [black, white].every(peer => peer.links.list()[0]?.kind === 'relayed'))
    const changes = record(black, 'relay:change')
    const offline = record(black, 'offline')
    frozen.freeze()
    try {
      await until('replaced', () => [black, white].every(peer => stateAt(peer, other.url) === 'reserved'))
      const told = changes.map(({ change, relay }) => `${change} ${relay.url === other.url ? 'other' : 'frozen'}`)
      expect(told.filter(change => change !== 'connecting other')).toEqual(['silent frozen', 'reserved other'])
      expect(black.relays.list()[0]).toMatchObject({ state: 'reserved', reason: 'it does not answer' })
      await until('black is heard', async () => {
        await topicB.publish(message(1))
        return readW.includes(1)
      })
    } finally {
      frozen.thaw()
    }
    const held = (peer: MeshPeer): number => peer.stats().relays.reserved
    await until('one slot each', () => held(black) === 1 && held(white) === 1, 120_000)
    await until('still heard', async () => {
      await topicB.publish(message(2))
      return readW.includes(2)
    })
    expect(offline).toEqual([])
  }, 150_000)
})

describe('an idle peer', () => {
  it('misses a relay that is frozen while it carries nobody, and replaces it before its line is dead [B10]', async () => {
    const frozen = await startRelayProcess()
    const other = await startRelay()
    const idle = await openMesh().peer([frozen.url], { slots: 1, webrtc: false })
    await until('ready', () => idle.state === 'ready')
    idle.relays.add(other.url)
    const changes = record(idle, 'relay:change')
    const offline = record(idle, 'offline')
    frozen.freeze()
    try {
      await until('replaced', () => stateAt(idle, other.url) === 'reserved')
    } finally {
      frozen.thaw()
    }
    const told = changes.map(({ change, relay }) => `${change} ${relay.url === other.url ? 'other' : 'frozen'}`)
    expect(told).toEqual(['silent frozen', 'connecting other', 'reserved other'])
    expect(offline).toEqual([])
  })

  it.each([
    ['as often as one that carries somebody, while it has few guests', 1_000, 2_000],
    ['as rarely as any other line, when its guests are more than it can answer', 0, 10_000],
  ])('asks a relay %s [W7]', async (_, relayPingsPerSecond, everyMs) => {
    const relay = await startRelay({ limits: { relayPingsPerSecond } })
    const mesh = openMesh()
    // One that was there first is counted in what the other one reads.
    const first = await mesh.peer([relay.url], { webrtc: false })
    await until('ready', () => first.state === 'ready')
    const idle = await mesh.peer([relay.url], { webrtc: false })
    await until('ready', () => idle.state === 'ready')
    expect(idle.relays.pingEveryMs(relay.relay.peerId)).toBe(everyMs)
    expect(idle.relays.pingEveryMs(first.id)).toBeUndefined()
  })

  it('hears how busy a relay is on the line itself, where it knows no more than an address [W5 W7]', async () => {
    const relay = await startRelay()
    const address = `/ip4/127.0.0.1/tcp/${relay.port}/ws/p2p/${relay.relay.peerId}`
    const peer = await openMesh().peer([address], { webrtc: false })
    await until('told', () => (peer.relays.pingEveryMs(relay.relay.peerId) ?? 10_000) < 10_000)
    expect(peer.relays.pingEveryMs(relay.relay.peerId)).toBe(2_000)
  })

  it('asks a relay that says nothing of itself as often as a small one of ours', async () => {
    const relay = await startStockRelay()
    const peer = await openMesh().peer([relay.address], { webrtc: false })
    await until('ready', () => peer.state === 'ready')
    const id = relay.address.slice(relay.address.lastIndexOf('/') + 1)
    await until('it is known to say nothing', () => (peer.relays.pingEveryMs(id) ?? 10_000) < 10_000)
    expect(peer.relays.pingEveryMs(id)).toBe(2_000)
  })
})
