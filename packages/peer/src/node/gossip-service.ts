import { type GossipSub, type GossipSubComponents, type GossipsubOpts, gossipsub } from '@libp2p/gossipsub'
import type { Connection, PeerId } from '@libp2p/interface'
import type { Limits } from '@tsugi/protocol'

import { GossipCarrier } from './gossip-carrier.ts'
import { type ArrivingMessage, type GossipSubInside, lookInside } from './gossip-inside.ts'
import { createGossipRegistrar } from './gossip-registrar.ts'

/** What gossip holds. */
interface GossipSizes {
  readonly peers: number
  readonly topics: number
  readonly messages: number
}

/** Gossipsub with a peer's changes. */
export interface GossipService {
  readonly service: (components: GossipSubComponents) => GossipSub
  /** Whether messages to this peer travel on a direct connection. */
  isDirect(peer: PeerId): boolean
  /** Peers (relays among them) that are on the topic and can be sent to. */
  subscribers(wireTopic: string): string[]
  /** Puts gossip with this peer on the connection where it belongs. */
  settle(peer: PeerId): void
  /** The same for everybody: our topics have changed. */
  settleAll(): void
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
    runOnLimitedConnection: true,
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
 * - It runs on the connection that {@link GossipCarrier} chooses.
 */
export function createGossipService(
  limits: Limits,
  filter: (from: PeerId, message: ArrivingMessage) => boolean,
): GossipService {
  const create = gossipsub(optionsFor(limits))
  let inside: GossipSubInside | undefined
  let carrier: GossipCarrier | undefined
  let connections: () => Connection[] = () => []

  return {
    service(components) {
      const wrapped = createGossipRegistrar(components.registrar, {
        onConnection: ({ remotePeer }) => carrier?.settle(remotePeer),
        goesOn: peer => carrier?.carrierOf(peer)?.status === 'open',
      })
      const { privateKey, peerId, peerStore, connectionManager, logger } = components
      const parts = { privateKey, peerId, peerStore, connectionManager, logger, registrar: wrapped.registrar }
      const created = lookInside(create(parts))
      connections = () => connectionManager.getConnections()
      carrier = new GossipCarrier({
        inside: created,
        connections: peer => connectionManager.getConnections(peer),
        announce: connection => wrapped.announce(connection),
      })
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
    isDirect: peer => carrier?.carrierOf(peer)?.direct === true,
    subscribers: wireTopic =>
      [...(inside?.topics.get(wireTopic) ?? [])].filter(peer => inside?.streamsOutbound.has(peer) === true),
    settle: peer => carrier?.settle(peer),
    settleAll: () => connections().forEach(({ remotePeer }) => carrier?.settle(remotePeer)),
    sizes: () => ({
      peers: inside?.peers.size ?? 0,
      topics: inside?.topics.size ?? 0,
      messages: inside?.mcache.size ?? 0,
    }),
  }
}
