import type { Server } from 'node:http'

import type { GossipSub } from '@libp2p/gossipsub'
import { identify, identifyPush } from '@libp2p/identify'
import { FaultTolerance, type Libp2p, type PrivateKey } from '@libp2p/interface'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { keychain } from '@libp2p/keychain'
import { ping } from '@libp2p/ping'
import type { Multiaddr } from '@multiformats/multiaddr'
import { type Limits, relaysDhtProtocol } from '@tsugi/protocol'
import type { Datastore } from 'interface-datastore'
import { createLibp2p } from 'libp2p'

import type { AddressSet } from './addresses/address-prefix.ts'
import type { Admission } from './admission/admission.ts'
import type { AppService } from './apps/app-service.ts'
import type { CircuitService } from './circuit/circuit-service.ts'
import { gateDht } from './discovery/dht-gate.ts'
import type { DialPermit } from './discovery/dial-permit.ts'
import { relayDialer } from './discovery/relay-dialer.ts'
import type { GossipRouter } from './gossip/gossip-router.ts'
import { relayNoise } from './noise/relay-noise.ts'
import type { Refusals } from './refusals.ts'
import { silentLogger } from './streams/silent-logger.ts'
import type { WaysIn } from './ways-in.ts'
import { sharedWebSockets } from './websocket/websocket-transport.ts'
import { relayYamux } from './yamux/relay-yamux.ts'

/** Handshakes at once; each costs about 10 ms of CPU, so more than this would time out anyway. */
const maxPendingHandshakes = 512
const maxConnections = 1_000_000

/** The node below the relay. */
export type RelayNode = Libp2p<{ gossip: GossipSub }>

/** What {@link createNode} puts together. */
export interface NodeParts {
  readonly httpServer: Server
  readonly privateKey: PrivateKey
  readonly datastore: Datastore
  readonly trustedProxies: AddressSet
  readonly admission: Admission
  readonly apps: AppService
  readonly circuits: CircuitService
  readonly router: GossipRouter
  readonly permit: DialPermit
  readonly refusals: Refusals
  readonly limits: Limits
  readonly host: string
  readonly tcpPort: number
  readonly waysIn: WaysIn
  readonly announce: readonly Multiaddr[]
  readonly version: string
}

/** Creates and starts the libp2p node of a relay. */
export async function createNode(parts: NodeParts): Promise<RelayNode> {
  const family = parts.host.includes(':') ? 'ip6' : 'ip4'
  const listen = [`/${family}/${parts.host}/tcp/${parts.tcpPort}/ws`]
  const { webRtc, webTransport } = parts.waysIn
  if (webRtc !== undefined) listen.push(`/${family}/${parts.host}/udp/${webRtc.udpPort}/webrtc-direct`)
  if (webTransport !== undefined) {
    listen.push(`/${family}/${parts.host}/udp/${webTransport.udpPort}/quic-v1/webtransport`)
  }
  const webSockets = sharedWebSockets({
    httpServer: parts.httpServer,
    trustedProxies: parts.trustedProxies,
    maxPendingUpgrades: maxPendingHandshakes,
    // Two for each peer that the address may have: a page opens several sockets at once.
    maxUnfinishedPerAddress: parts.limits.addressPeers * 2,
    isDraining: () => parts.admission.isClosed,
    onRefused: reason => parts.refusals.add(reason),
  })
  const node = await createLibp2p({
    privateKey: parts.privateKey,
    datastore: parts.datastore,
    logger: silentLogger,
    nodeInfo: { name: 'tsugi-relay', version: parts.version, userAgent: `tsugi-relay/${parts.version}` },
    addresses: {
      listen,
      announce: parts.announce.map(String),
      // Without its hash such an address cannot be dialled: the listener adds it, and has not when it could not start.
      announceFilter: addresses => addresses.filter(each => !isWithoutHash(each)),
    },
    transports: [
      webSockets,
      relayDialer(parts.permit),
      ...[webRtc, webTransport].flatMap(each => (each === undefined ? [] : [each.transport as never])),
    ],
    // The WebSocket listener cannot fail, the HTTP server listens already; the others may, and are looked at afterwards.
    transportManager: { faultTolerance: FaultTolerance.NO_FATAL },
    connectionEncrypters: [relayNoise()],
    streamMuxers: [
      relayYamux({
        silenceMs: parts.limits.peerSilenceMs,
        onEnded: reason => parts.refusals.add(reason),
      }),
    ],
    connectionGater: parts.admission.gater,
    connectionManager: {
      // Admission counts by peer and by address, and has its own reasons; the manager's ceilings only stand behind it.
      maxConnections,
      inboundConnectionThreshold: maxConnections,
      maxIncomingPendingConnections: maxPendingHandshakes,
    },
    // Our yamux looks after its connections itself, and WebRTC after its own (ICE consent).
    connectionMonitor: { enabled: false },
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping(),
      keychain: keychain(),
      dht: gateDht(
        kadDHT({
          protocol: relaysDhtProtocol,
          clientMode: false,
          peerInfoMapper: passthroughMapper,
          allowQueryWithZeroPeers: true,
        }),
        parts.refusals,
      ),
      apps: parts.apps.service,
      circuits: parts.circuits.service as never,
      gossip: parts.router.service,
    },
  })
  return node
}

function isWithoutHash(address: Multiaddr): boolean {
  const names = new Set(address.getComponents().map(each => each.name))
  return (names.has('webrtc-direct') || names.has('webtransport')) && !names.has('certhash')
}
