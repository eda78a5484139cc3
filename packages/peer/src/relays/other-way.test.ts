import { expect, it } from 'vitest'

import { message, openMesh, read, record, stay, until } from '../../test-support/mesh.ts'
import { startRelay } from '../../test-support/start-relay.ts'
import { UdpFront } from '../../test-support/udp-front.ts'
import type { BookStore } from '../book/book-store.ts'
import { startPeer } from '../create-peer.ts'
import type { MeshPeer } from '../mesh-peer.ts'
import type { RelayTransport } from '../node/relay-transport.ts'

const wayOf = (peer: MeshPeer): RelayTransport | undefined => peer.relays.list()[0]?.transport

/** What a peer kept whose line to the relay went by WebRTC-direct before. */
function keptBy(port: number): BookStore {
  const kept = { peers: [], ways: [[`/ip4/127.0.0.1/tcp/${port}/ws`, 'webrtc-direct', Date.now()]] }
  return { load: async () => kept, save: async () => {}, close: () => {} }
}

it('talks to a relay by another way as soon as its own falls silent, and goes on where it was [B10, C10]', async () => {
  const udp = new UdpFront()
  const relay = await startRelay({ udpPortAs: own => udp.standBefore(own) })
  const mesh = openMesh()
  const byUdp = await startPeer(
    { app: 'test', relays: [relay.url], identity: 'memory', bookStore: keptBy(relay.port) },
    // The first to be tried stands first, however long it takes.
    { headStartMs: 20_000 },
  )
  mesh.own(() => byUdp.stop())
  const byTcp = await mesh.peer([relay.url], { webrtc: false })
  await until('by UDP', () => wayOf(byUdp) === 'webrtc-direct')
  await until('by TCP', () => wayOf(byTcp) === 'websocket')
  const [topicU, topicT] = [await stay(byUdp, 'game'), await stay(byTcp, 'game')]
  const heard = read(topicU)
  await until('they see each other', () => topicU.peers.length === 1 && topicT.peers.length === 1)
  const changes = record(byUdp, 'relay:change')
  const offline = record(byUdp, 'offline')
  udp.fallSilent()
  await until('by TCP', () => wayOf(byUdp) === 'websocket')
  await until('it has a slot again', () => changes.at(-1)?.change === 'reserved')
  expect(changes.map(({ change }) => change)).toEqual(['silent', 'reserved'])
  await until('it hears', async () => {
    await topicT.publish(message(1))
    return heard.includes(1)
  })
  expect(topicU.peers).toHaveLength(1)
  expect(offline).toEqual([])
}, 60_000)
