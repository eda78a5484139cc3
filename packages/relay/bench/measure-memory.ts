import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { webRTCDirect } from '@libp2p/webrtc'
import { yamux } from '@libp2p/yamux'
import { LightPeer } from '@tsugi/testkit/light-peer'
import { createLibp2p } from 'libp2p'

import type { Figures } from './figures.ts'
import { MeasuredRelay, type RelayKind } from './measured-relay.ts'

/** Before the first reading: what is made once, for the first guests, and code that is compiled as it grows hot, some MB. */
const warmUps = { WebSocket: 500, 'WebRTC-direct': 20 }
/** Handshakes under way at once. */
const atOnce = 8
/** What a connection's beginning leaves behind (timers, answers) is gone after it: libp2p gives identify 10 s, and its signal lives as long. */
const settleMs = 12_000

interface Guest {
  leave(): Promise<unknown>
}

async function arrive(relay: MeasuredRelay): Promise<Guest> {
  const peer = await LightPeer.connect(relay.addresses.webSocket)
  if ((await peer.reserve()) !== 100) throw new Error('no reservation')
  return { leave: () => peer.cut() }
}

/** With thousands of peers in one driver a handshake may take longer than libp2p waits; then it is tried again. */
async function arriveByWebRtc(relay: MeasuredRelay, attemptsLeft = 5): Promise<Guest> {
  const node = await createLibp2p({
    start: false,
    addresses: { listen: [`${relay.addresses.webRtcDirect}/p2p-circuit`] },
    transports: [webRTCDirect(), circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    services: { identify: identify() },
  })
  try {
    await node.start()
  } catch (error) {
    await node.stop()
    if (attemptsLeft === 0) throw error
    return arriveByWebRtc(relay, attemptsLeft - 1)
  }
  return { leave: async () => node.stop() }
}

async function many(count: number, make: () => Promise<Guest>): Promise<Guest[]> {
  const guests: Guest[] = []
  let left = count
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      guests.push(await make())
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return guests
}

/** Memory of each idle peer that holds a reservation, and the CPU that its joining took. */
export async function measureIdlePeers(
  figures: Figures,
  kind: RelayKind,
  transport: 'WebSocket' | 'WebRTC-direct',
  count: number,
): Promise<void> {
  await using relay = await MeasuredRelay.start(kind)
  const make = (): Promise<Guest> => (transport === 'WebSocket' ? arrive(relay) : arriveByWebRtc(relay))
  const settled = (): Promise<void> => new Promise(resolve => setTimeout(resolve, settleMs))
  const guests = await many(warmUps[transport], make)
  await settled()
  const before = await relay.holding()
  const cpuBefore = await relay.cpuMs()
  guests.push(...(await many(count, make)))
  const joinMs = ((await relay.cpuMs()) - cpuBefore) / count
  await settled()
  const after = await relay.holding()
  const label = `${count} idle peers, ${transport}`
  // A driver with thousands of WebRTC peers is slow, and lines that do not answer are ended.
  const there = after.peers - before.peers
  const each = (name: string, bytes: number): void => figures.add(`${label}: ${name}, KB`, kind, bytes / there / 1_000)
  if (there < count) figures.add(`${label}: of them still there at the reading`, kind, there)
  each('heap of each', after.heapBytes - before.heapBytes)
  each('memory of each (RSS)', after.rssBytes - before.rssBytes)
  each('the same with what their coming left', after.standingBytes - before.rssBytes)
  figures.add(`${label}: relay with all of them (RSS), MB`, kind, after.rssBytes / 1e6)
  figures.add(`relay CPU for a join by ${transport}, ms`, kind, joinMs)
  await Promise.all(guests.map(guest => guest.leave()))
}
