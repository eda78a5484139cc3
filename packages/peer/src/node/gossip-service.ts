import { type GossipSub, type GossipSubComponents, type GossipsubOpts, gossipsub } from '@libp2p/gossipsub'
import type { Connection, PeerId } from '@libp2p/interface'
import {
  type GossipSubInside,
  type MessageFilter,
  commonOptions,
  endBrokenStreams,
  filterMessages,
  frameRoom,
  lookInside,
  reachEverySubscriber,
  sendInParts,
} from '@tsugi/gossip'
import type { Limits } from '@tsugi/protocol'

import { PeerError } from '../peer-error.ts'
import { GossipCarrier } from './gossip-carrier.ts'
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
  return {
    ...commonOptions(limits),
    // A topic without readers is no error: a player may be the first on it.
    allowPublishToZeroTopicPeers: true,
    floodPublish: true,
    runOnLimitedConnection: true,
    maxInboundStreams: 4,
    maxOutboundStreams: 4,
    maxTopicBytesPerPeer: 128 * 1_024,
  }
}

/** Gossipsub for a peer, with the changes of `@tsugi/gossip`; it runs on the connection that {@link GossipCarrier} chooses. */
export function createGossipService(limits: Limits, filter: MessageFilter): GossipService {
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
      if (created === undefined) {
        throw new PeerError(
          'peer/start-failed',
          '@libp2p/gossipsub is not the version that this package was written against.',
        )
      }
      filterMessages(created, filter)
      reachEverySubscriber(created)
      endBrokenStreams(created)
      sendInParts(created, frameRoom(limits))
      connections = () => connectionManager.getConnections()
      carrier = new GossipCarrier({
        inside: created,
        connections: peer => connectionManager.getConnections(peer),
        announce: connection => wrapped.announce(connection),
      })
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
