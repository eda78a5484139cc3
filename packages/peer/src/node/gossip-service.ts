import { type GossipSub, type GossipSubComponents, type GossipsubOpts, gossipsub } from '@libp2p/gossipsub'
import type { Connection, PeerId } from '@libp2p/interface'
import type { Limits } from '@tsugi/protocol'

import { PeerError } from '../peer-error.ts'
import { createGossipRegistrar } from './gossip-registrar.ts'

/** The fields of a gossip message that are read before its signature is. */
export interface ArrivingMessage {
  readonly topic: string
  readonly data?: Uint8Array | undefined
}

/** What gossipsub 17 does inside and does not offer outside. A test fails when it changes. */
interface GossipSubInside extends GossipSub {
  handleReceivedRpc(from: PeerId, rpc: { messages: ArrivingMessage[] }): Promise<void>
  selectPeersToForward(topic: string, source?: string, exclude?: ReadonlySet<string>): Set<string>
  readonly topics: ReadonlyMap<string, ReadonlySet<string>>
  readonly peers: ReadonlyMap<string, PeerId>
  readonly streamsOutbound: ReadonlyMap<string, unknown>
  readonly mcache: { readonly size: number }
}

/** What gossip holds. */
interface GossipSizes {
  readonly peers: number
  readonly topics: number
  readonly messages: number
}

/** Gossipsub with a peer's three changes. */
export interface GossipService {
  readonly service: (components: GossipSubComponents) => GossipSub
  /** Whether messages can be sent to this peer now. */
  hasStream(peer: string): boolean
  /** Peers (relays among them) that are on the topic and can be sent to. */
  subscribers(wireTopic: string): string[]
  /** Opens a stream on this direct connection unless there is one to its peer. */
  repair(connection: Connection): void
  sizes(): GossipSizes
}

function optionsFor(limits: Limits): Partial<GossipsubOpts> {
  const framing = 1_024
  return {
    // A topic without readers is no error: a player may be the first on it.
    allowPublishToZeroTopicPeers: true,
    fallbackToFloodsub: false,
    floodPublish: true,
    emitSelf: false,
    doPX: false,
    // Tags would be written to the peer store for each topic of each peer.
    tagMeshPeers: false,
    runOnLimitedConnection: false,
    maxInboundStreams: 4,
    maxOutboundStreams: 4,
    // One RPC may carry a few messages of the greatest size; a longer frame ends the stream.
    maxInboundDataLength: Math.min(4 * (limits.gameMessageBytes + framing), 4 * 1_024 * 1_024),
    maxOutboundBufferSize: Math.min(limits.circuitBufferBytes, 16 * 1_024 * 1_024),
    maxTopicBytesPerPeer: 128 * 1_024,
    decodeRpcLimits: {
      maxSubscriptions: 1_000,
      maxMessages: 256,
      maxIhaveMessageIDs: 1_000,
      maxIwantMessageIDs: 1_000,
      maxIdontwantMessageIDs: 512,
      maxControlMessages: 256,
      maxPeerInfos: 0,
    },
    // Others' rates are limited by counting. Scores would punish who shares an address with many, or leaves and rejoins.
    scoreParams: { IPColocationFactorWeight: 0, behaviourPenaltyWeight: 0, appSpecificWeight: 0, topics: {} },
  }
}

/**
 * Gossipsub for a peer:
 *
 * - Each message passes `filter` before its signature is checked.
 * - What is forwarded goes to every subscriber that we have a line to, in the mesh or not. Topics are small, and gossipsub keeps
 *   whoever left a topic out of its mesh for 10 s or more: a player who reloads the page would hear nothing for so long.
 * - It runs on direct connections only, and a stream that was lost can be opened again ({@link GossipService.repair}).
 */
export function createGossipService(
  limits: Limits,
  filter: (from: PeerId, message: ArrivingMessage) => boolean,
): GossipService {
  const create = gossipsub(optionsFor(limits))
  let inside: GossipSubInside | undefined
  let announce: (connection: Connection) => void = () => {}
  const hasStream = (peer: string): boolean => inside?.streamsOutbound.has(peer) === true

  return {
    service(components) {
      const wrapped = createGossipRegistrar(components.registrar)
      announce = connection => wrapped.announce(connection)
      const { privateKey, peerId, peerStore, connectionManager, logger } = components
      const parts = { privateKey, peerId, peerStore, connectionManager, logger, registrar: wrapped.registrar }
      const created = create(parts) as GossipSubInside
      requireShape(created)
      const handle = created.handleReceivedRpc.bind(created)
      created.handleReceivedRpc = (from, rpc) => {
        rpc.messages = rpc.messages.filter(message => filter(from, message))
        return handle(from, rpc)
      }
      created.selectPeersToForward = (topic, source, exclude) => {
        const receivers = new Set<string>()
        for (const peer of created.topics.get(topic) ?? []) {
          if (peer !== source && exclude?.has(peer) !== true && created.streamsOutbound.has(peer)) receivers.add(peer)
        }
        return receivers
      }
      inside = created
      return created
    },
    hasStream,
    subscribers: wireTopic => [...(inside?.topics.get(wireTopic) ?? [])].filter(hasStream),
    repair(connection) {
      if (connection.status === 'open' && connection.direct && !hasStream(connection.remotePeer.toString()))
        announce(connection)
    },
    sizes: () => ({
      peers: inside?.peers.size ?? 0,
      topics: inside?.topics.size ?? 0,
      messages: inside?.mcache.size ?? 0,
    }),
  }
}

function requireShape(service: GossipSubInside): void {
  const isAsExpected =
    typeof service.handleReceivedRpc === 'function' &&
    typeof service.selectPeersToForward === 'function' &&
    service.topics instanceof Map &&
    service.peers instanceof Map &&
    service.streamsOutbound instanceof Map &&
    typeof service.mcache.size === 'number'
  if (!isAsExpected) {
    throw new PeerError(
      'peer/start-failed',
      '@libp2p/gossipsub is not the version that this package was written against.',
    )
  }
}
