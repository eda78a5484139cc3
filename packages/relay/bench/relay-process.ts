// A relay in a process of its own: `relay-process.ts own|stock [bytes per second] [quic]`. Says where it listens, then answers questions about its CPU and memory.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { circuitRelayServer } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { webRTCDirect } from '@libp2p/webrtc'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { createRelay } from '@tsugi/relay'
import { createLibp2p } from 'libp2p'

/** Where a relay listens. */
export interface RelayAddresses {
  /** `ws://host:port`. */
  readonly webSocket: string
  readonly webRtcDirect: string
  /** Empty where it is not asked for, or cannot be. */
  readonly webTransport: string
}

/** What a relay holds. */
export interface Holding {
  /** Whose connection stands. */
  readonly peers: number
  /** Resident as it stands, with what V8 has freed and keeps for later. */
  readonly standingBytes: number
  /** Resident once V8 has collected and given back all that it can, as the memory guard has it do when memory runs short. */
  readonly rssBytes: number
  /** What lives on the heap then. */
  readonly heapBytes: number
}

/** What it is asked for: its CPU time in ms so far, or what it holds. */
export type Question = 'cpu' | 'memory'

const none = Number.POSITIVE_INFINITY
const [, , kind = 'own', bytesPerSecond = 'Infinity', quic = ''] = process.argv

/** A relay that has started. */
interface Started {
  readonly addresses: readonly string[]
  readonly peers: () => number
}

async function startOwn(): Promise<Started> {
  const httpServer = createServer()
  await new Promise<void>(resolve => httpServer.listen(0, '127.0.0.1', resolve))
  const relay = await createRelay({
    httpServer,
    udpPort: 0,
    webTransportPort: quic === 'quic' ? 0 : 'off',
    limits: {
      circuitBytes: none,
      circuitBytesPerSecond: none,
      peerBytesPerSecond: none,
      relayBytesPerSecond: Number(bytesPerSecond),
      relayMemoryBytes: none,
      peerCircuits: 1_000,
      peerHopRequestsPerSecond: none,
      addressPeers: 100_000,
      addressJoinsPerSecond: none,
    },
  })
  const { port } = httpServer.address() as AddressInfo
  return { addresses: [`/ip4/127.0.0.1/tcp/${port}/ws`, ...relay.multiaddrs()], peers: () => relay.stats().peers }
}

async function startStock(): Promise<Started> {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0/ws', '/ip4/127.0.0.1/udp/0/webrtc-direct'] },
    transports: [webSockets(), webRTCDirect()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: {
      inboundConnectionThreshold: none,
      maxIncomingPendingConnections: 1_000,
      maxConnections: 100_000,
    },
    // With thousands of peers it ends connections that are well.
    connectionMonitor: { enabled: false },
    services: {
      identify: identify(),
      ping: ping(),
      relay: circuitRelayServer({
        maxInboundHopStreams: 1_000,
        maxOutboundStopStreams: 1_000,
        reservations: { maxReservations: 100_000, applyDefaultLimit: false },
      }),
    },
  })
  return { addresses: node.getMultiaddrs().map(String), peers: () => node.getPeers().length }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

function holding(): Holding {
  const { rss: standingBytes } = process.memoryUsage()
  // Twice: what the first finds unreachable may hold on to more.
  for (let times = 0; times < 2; times += 1) {
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  }
  const { rss, heapUsed } = process.memoryUsage()
  return { peers: peers(), standingBytes, rssBytes: rss, heapBytes: heapUsed }
}

const { addresses, peers } = kind === 'own' ? await startOwn() : await startStock()
process.on('message', (question: Question) => process.send?.(question === 'cpu' ? cpuMs() : holding()))
process.on('disconnect', () => process.exit(0))
const port = /\/tcp\/(\d+)\/ws/.exec(addresses.join(' '))?.[1]
process.send?.({
  webSocket: `ws://127.0.0.1:${port}`,
  webRtcDirect: addresses.find(each => each.includes('/webrtc-direct/certhash/')) ?? '',
  webTransport: addresses.find(each => each.includes('/webtransport/certhash/')) ?? '',
} satisfies RelayAddresses)
