import { identify } from '@libp2p/identify'
import type { Connection, PeerId } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { defaultLimits } from '@tsugi/protocol'
import { createLibp2p } from 'libp2p'
import { expect, test } from 'vitest'

import { createStage } from '../../test-support/stage.ts'
import { until } from '../../test-support/start-relay.ts'
import { createGossipService } from './gossip-service.ts'

const stage = createStage()
const topic = '/tsugi/1/default/room'
const isGossip = ({ protocol }: { protocol: string }): boolean => protocol.startsWith('/meshsub/')

/** Whether the relay speaks gossip on this connection of a guest’s. */
const hearsOn = (connection: Connection): boolean =>
  connection.streams.some(stream => isGossip(stream) && stream.direction === 'inbound')

test('B10: a guest that is back on another connection hears there, while the old one is still taken for alive', async () => {
  const relay = await stage.relay()
  const guest = await stage.guest(relay.address)
  guest.services.pubsub.subscribe(topic)
  const [old] = guest.getConnections()
  if (old === undefined) throw new Error('The guest has no connection.')
  await until('the relay speaks on the first connection', () => hearsOn(old))
  const fresh = await guest.dial(multiaddr(relay.address), { force: true })
  expect(fresh.id).not.toBe(old.id)
  // What a guest does whose gossip moves to the connection that works.
  const stream = await fresh.newStream('/meshsub/1.2.0')
  await until('the relay speaks on the new connection', () => hearsOn(fresh))
  expect(old.status).toBe('open')
  await stream.close()

  // And when that one ends, on the one that is left.
  const before = new Set(old.streams.map(({ id }) => id))
  await fresh.close()
  await until('the relay speaks on the first connection again', () =>
    old.streams.some(each => isGossip(each) && each.direction === 'inbound' && !before.has(each.id)),
  )
})

/** A node that gossips as a relay does. */
async function gossiper() {
  const { service } = createGossipService(defaultLimits, () => true)
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0/ws'] },
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    connectionGater: { denyDialMultiaddr: () => false },
    services: { identify: identify(), ping: ping(), gossip: service },
  })
  stage.defer(() => node.stop())
  return node
}

type Gossiper = Awaited<ReturnType<typeof gossiper>>

/** Has gossip move to a connection, as when the other end has begun to speak there. */
function speakOn(node: Gossiper, connection: Connection): void {
  const inside = node.services.gossip as unknown as { createOutboundStream(peer: PeerId, on: Connection): unknown }
  inside.createOutboundStream(connection.remotePeer, connection)
}

test('B9: two relays that have dialled each other settle on what they speak on, and do not follow each other for ever', async () => {
  const nodes = [await gossiper(), await gossiper()] as const
  const [a, b] = nodes
  const dial = (from: Gossiper, to: Gossiper): Promise<Connection> => from.dial(to.getMultiaddrs(), { force: true })
  const [byA, byB] = await Promise.all([dial(a, b), dial(b, a)])
  speakOn(a, byA)
  speakOn(b, byB)
  const spokenOn = (): string =>
    nodes
      .flatMap(node => node.getConnections())
      .flatMap(({ streams }) => streams.filter(each => isGossip(each) && each.direction === 'outbound'))
      .map(({ id }) => id)
      .join()
  await until('nothing changes for as long as it takes to ask the other twenty times', async () => {
    const before = spokenOn()
    for (let round = 0; round < 20; round += 1) await a.services.ping.ping(b.peerId)
    return spokenOn() === before
  })
  expect(nodes.map(node => node.services.gossip.getPeers().length)).toEqual([1, 1])
})
