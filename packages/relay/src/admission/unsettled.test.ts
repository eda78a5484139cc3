import type { Connection } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { expect, test } from 'vitest'

import { startRawPeer } from '../../test-support/raw-peer.ts'
import { createStage } from '../../test-support/stage.ts'
import { until } from '../../test-support/start-relay.ts'
import { UnsettledConnections } from './unsettled.ts'

const stage = createStage()

function setUp() {
  const clock = { now: 0 }
  const closed: string[] = []
  const inUse = new Set<string>()
  const unsettled = new UnsettledConnections({
    limits: { connectionSettleMs: 1_000 },
    isInUse: peer => inUse.has(peer),
    onClosed: connection => void closed.push(connection.remotePeer.toString()),
    now: () => clock.now,
  })
  const open = (peer: string, streams: string[] = [], direction = 'inbound'): Connection => {
    const connection = {
      direction,
      status: 'open',
      remotePeer: { toString: () => peer },
      streams: streams.map(each => ({ direction: each })),
      abort() {},
    } as unknown as Connection
    unsettled.add(connection)
    return connection
  }
  return { clock, closed, inUse, unsettled, open }
}

test('[C6] a connection on which nobody says or opens anything is closed after its time, and no other', () => {
  const { clock, closed, inUse, unsettled, open } = setUp()
  open('silent')
  open('asked by us only', ['outbound'])
  open('opened', ['inbound'])
  open('dialled', [], 'outbound')
  open('reserved')
  inUse.add('reserved')
  unsettled.remove(open('identified'))
  clock.now = 999
  expect(unsettled.sweep()).toBe(0)
  open('late')
  clock.now = 1_000
  expect(unsettled.sweep()).toBe(2)
  expect(closed).toEqual(['silent', 'asked by us only'])
  expect(unsettled.size).toBe(1)
})

test('[C6] at a relay: a peer that only shakes hands is closed and counted, one that says who it is stays', async () => {
  const { address, relay } = await stage.relay({ limits: { connectionSettleMs: 500 } })
  const peer = await startRawPeer(address)
  stage.defer(() => peer.stop())
  const silent = await createLibp2p({
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
  })
  stage.defer(() => silent.stop())
  await silent.dial(multiaddr(address))
  await until('it is counted', () => relay.stats().refusals['connection/unsettled'] === 1)
  await until('it is gone', () => relay.stats().peers === 1)
  expect((await peer.reserve()).status).toBe('OK')
})
