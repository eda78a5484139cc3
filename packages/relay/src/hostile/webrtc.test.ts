import { createSocket } from 'node:dgram'

import { webRTCDirect } from '@libp2p/webrtc'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'

import { createStage } from '../../test-support/stage.ts'
import { until } from '../../test-support/start-relay.ts'
import { startStockClient } from '../../test-support/stock-client.ts'
import { stunRequestOf } from '../../test-support/stun-request.ts'

const stage = createStage()

test('[B7] a thousand STUN users that nobody stands behind get a handful of handshakes, which end in time, and keep nobody out afterwards', async () => {
  const { relay } = await stage.relay({ udpPort: 0 })
  const address = relay.multiaddrs().find(each => each.includes('/webrtc-direct/certhash/')) ?? ''
  const port = Number(/\/udp\/(\d+)\//.exec(address)?.[1])
  const socket = createSocket('udp4')
  stage.defer(() => void socket.close())
  for (let user = 0; user < 1_000; user += 1) {
    const name = `libp2p+webrtc+v1/${user.toString(36).padStart(32, '0')}`
    await new Promise(resolve => socket.send(stunRequestOf(`${name}:${name}`), port, '127.0.0.1', resolve))
    if (user % 20 === 0) await new Promise(resolve => setImmediate(resolve))
  }
  const refused = (reason: string): number => relay.stats().refusals[reason] ?? 0
  await until('some are refused', () => refused('webrtc/pending') > 0)
  await until('the others have ended', () => refused('webrtc/handshake-timeout') === 16)
  expect(relay.stats()).toMatchObject({ peers: 0, connections: 0 })
  const guest = await startStockClient(undefined, [webRTCDirect()])
  stage.defer(() => guest.stop())
  await guest.dial(multiaddr(address))
  await until('it is there', () => relay.stats().peers === 1)
})
