import type { GossipSub } from '@libp2p/gossipsub'
import { identify, identifyPush } from '@libp2p/identify'
import type { Libp2p, PrivateKey } from '@libp2p/interface'
import { ping } from '@libp2p/ping'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import type { Multiaddr } from '@multiformats/multiaddr'
import { webTransport } from '@tsugi/webtransport-listener/browser'
import { type Libp2pOptions, createLibp2p } from 'libp2p'

import { PeerError } from '../peer-error.ts'
import type { RelayFinder } from '../relays/relay-finder.ts'
import type { GossipService } from './gossip-service.ts'
import { usableIceServers } from './ice-servers.ts'
import { doesStand } from './inbound-line.ts'
import { joinedNoise } from './joined-noise.ts'
import type { ReservationPort } from './reservation-port.ts'
import { takeWebRtcConnection } from './webrtc-budget.ts'

/** What runs on the node beside its transports. */
type NodeServices = { pubsub: GossipSub }

/** The libp2p node under a peer. */
export type MeshNode = Libp2p<NodeServices & Record<string, unknown>>

/** What {@link createNode} needs. */
export interface NodeOptions {
  readonly privateKey: PrivateKey
  readonly gossip: GossipService
  readonly reservations: ReservationPort
  /** How many relays hold a slot for us at once. */
  readonly slots: number
  readonly webrtc: boolean
  readonly iceServers: () => RTCIceServer[]
  readonly mayDial: (address: Multiaddr) => boolean
  readonly maxConnections: number
  /** A further way to find relays. */
  readonly finder: RelayFinder | undefined
  /** Resolves when whoever dials us by WebRTC has finished its part of the handshake. */
  readonly untilSignaled: (dialler: string) => Promise<void>
}

/** The dialler may have seen the line stand, and ended the handshake, a moment before we do. */
const standTimeoutMs = 2_000

/** How long a dial may take, a WebRTC handshake over a slow relay included. */
const dialTimeoutMs = 7_000

/** Builds the node; it is not started. WebRTC is loaded only if it is wanted. */
export async function createNode(options: NodeOptions): Promise<MeshNode> {
  const transports: NonNullable<Libp2pOptions['transports']> = [
    webTransport(),
    webSockets(),
    options.reservations.transport,
  ]
  // One listen entry for each slot, which the stock transport fills with one relay; and as many again, so that a relay that is suspected, or
  // left for a nearer one, is replaced before its slot is given up.
  const listen: string[] = Array.from({ length: options.slots * 2 }, () => '/p2p-circuit')
  if (options.webrtc) {
    const { webRTC, webRTCDirect } = await import('@libp2p/webrtc')
    // Asked for once for each connection, whoever begins it.
    const rtcConfiguration = (): RTCConfiguration => {
      if (!takeWebRtcConnection()) {
        throw new PeerError('link/too-many', 'As many direct lines were made in this tab as browsers allow.')
      }
      return { iceServers: usableIceServers(options.iceServers()) }
    }
    transports.push(webRTC({ rtcConfiguration }), webRTCDirect({ rtcConfiguration }))
    listen.push('/webrtc')
  }
  return createLibp2p<NodeServices & Record<string, unknown>>({
    start: false,
    privateKey: options.privateKey,
    addresses: { listen },
    transports,
    connectionEncrypters: [joinedNoise()],
    streamMuxers: [yamux()],
    connectionGater: {
      denyDialMultiaddr: address => !options.mayDial(address),
      async denyInboundConnection(inbound) {
        const parts = inbound.remoteAddr.getComponents()
        if (!parts.some(({ name }) => name === 'webrtc')) return false
        if (!(await doesStand(inbound, AbortSignal.timeout(standTimeoutMs)))) return true
        const dialler = parts.findLast(({ name }) => name === 'p2p')?.value
        if (dialler !== undefined) await options.untilSignaled(dialler)
        return false
      },
    },
    connectionManager: {
      maxConnections: options.maxConnections,
      // All circuits come from the relay's address, so this is one host with many peers behind it.
      inboundConnectionThreshold: 50,
      maxIncomingPendingConnections: 32,
      addressDialTimeout: dialTimeoutMs,
      dialTimeout: dialTimeoutMs,
      // Relays are dialled again by a loop of our own.
      reconnectRetries: 0,
    },
    // Lines are watched by a monitor of our own, which forgives one lost ping.
    connectionMonitor: { enabled: false },
    services: {
      ...(options.finder !== undefined && { finder: options.finder.service as () => unknown }),
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping({ maxInboundStreams: 4 }),
      pubsub: options.gossip.service,
    },
  })
}
