// A relay in a process of its own: `own` or `stock`. Says its address, then answers every message with its CPU time and memory.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { circuitRelayServer } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { createRelay } from '@tsugi/relay'
import { createLibp2p } from 'libp2p'

const none = Number.POSITIVE_INFINITY

async function startOwn(): Promise<string> {
  const httpServer = createServer()
  await new Promise<void>(resolve => httpServer.listen(0, '127.0.0.1', resolve))
  const relay = await createRelay({
    httpServer,
    limits: {
      circuitBytes: none,
      circuitBytesPerSecond: none,
      peerBytesPerSecond: none,
      relayBytesPerSecond: none,
      peerCircuits: 1_000,
      addressPeers: 10_000,
      addressJoinsPerSecond: none,
    },
  })
  return `/ip4/127.0.0.1/tcp/${(httpServer.address() as AddressInfo).port}/ws/p2p/${relay.peerId}`
}

async function startStock(): Promise<string> {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0/ws'] },
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: {
      inboundConnectionThreshold: none,
      maxIncomingPendingConnections: 1_000,
      maxConnections: 10_000,
    },
    services: {
      identify: identify(),
      ping: ping(),
      relay: circuitRelayServer({
        maxInboundHopStreams: 1_000,
        maxOutboundStopStreams: 1_000,
        reservations: { maxReservations: 10_000, applyDefaultLimit: false },
      }),
    },
  })
  return String(node.getMultiaddrs()[0])
}

process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ cpuMs: (user + system) / 1_000, rssBytes: process.memoryUsage().rss })
})
process.on('disconnect', () => process.exit(0))
process.send?.({ address: process.argv[2] === 'own' ? await startOwn() : await startStock() })
