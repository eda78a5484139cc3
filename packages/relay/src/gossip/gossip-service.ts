import { type GossipSub, type GossipSubComponents, type GossipsubOpts, gossipsub } from '@libp2p/gossipsub'
import type { Connection, PeerId } from '@libp2p/interface'
import {
  type GossipSubInside,
  type MessageFilter,
  OutboundStreams,
  type Turn,
  commonOptions,
  endBrokenStreams,
  filterMessages,
  frameRoom,
  lookInside,
  reachEverySubscriber,
  sendInParts,
} from '@tsugi/gossip'
import type { Limits } from '@tsugi/protocol'

import { RelayError } from '../relay-error.ts'

/** Gossipsub with the relay's changes, and a look at its cache. */
export interface GossipService {
  readonly service: (components: GossipSubComponents) => GossipSub
  /** Tells a subscriber of a topic that the relay is on it too. */
  tell(peer: string, topic: string): void
  /** Whether there is a stream on which the peer hears. */
  isReachable(peer: string): boolean
  /** A fellow relay may announce as many topics as a relay routes, not only a guest's share. */
  addRelay(peer: string): void
  /** Whether a fellow relay is told every topic from now on. What it was told stays told until the topic ends. */
  tellRelay(peer: string, isTold: boolean): void
  /** Who has announced which topic. */
  subscriptions(): Iterable<readonly [topic: string, peers: ReadonlySet<string>]>
  /** The peer is gone. */
  forget(peer: string): void
  /** Messages held for repetition. */
  bufferedMessages(): number
}

/** A mesh that takes in every subscriber: relays serve small topics, and their guests have no other way to each other. */
const everybody = 1_000_000
/** A wire topic: `/tsugi/1/`, an app of up to 63, a name of up to 128, and room for other software's habits. */
export const maxTopicNameLength = 256
/** gossipsub counts this much for each topic that a peer announces, beside the name. */
const topicOverheadBytes = 1_024 + 256
/** One RPC holds at most `maxSubscriptions` of them at the other end. */
const subscriptionsPerRpc = 200
/**
 * What came from a relay goes on to so many others. Its first relay has sent it to every relay that it is connected to, so this only
 * bridges gaps between relays; sent to all, a topic on n relays would cost n² copies of each message.
 */
const relayFanout = 3

type GossipLimits = Pick<Limits, 'peerGames' | 'gameMessageBytes' | 'circuitBufferBytes' | 'relayTopics'>

function optionsFor(limits: GossipLimits): Partial<GossipsubOpts> {
  const common = commonOptions(limits)
  return {
    ...common,
    D: everybody,
    Dlo: everybody,
    Dhi: everybody,
    Dout: 0,
    runOnLimitedConnection: false,
    maxInboundStreams: 2,
    maxOutboundStreams: 2,
    maxTopicBytesPerPeer: Math.max(128 * 1_024, limits.peerGames * 2 * (topicOverheadBytes + maxTopicNameLength)),
    decodeRpcLimits: { ...common.decodeRpcLimits, maxSubscriptions: 256 },
  }
}

/**
 * Gossipsub as a route for the relay's guests, with the changes of `@tsugi/gossip`, and:
 *
 * - Only subscribers of a topic hear that the relay is on it. Gossipsub tells every peer every topic: each guest would learn of
 *   all games, and each game would cost a message to ten thousand strangers. Fellow relays are told every topic, because each has
 *   to know where the other's guests are.
 * - A peer hears us on the connection of its own making on which it last began to speak. A guest whose line broke without a word and
 *   who is back on another would hear nothing for as long as the old one is taken for alive.
 */
export function createGossipService(limits: GossipLimits, filter: MessageFilter): GossipService {
  let inside: GossipSubInside | undefined
  const told = new Map<string, Set<string>>()
  /** Fellow relays, and whether each is told our topics. */
  const relays = new Map<string, boolean>()
  const create = gossipsub(optionsFor(limits))
  return {
    service(components) {
      const created = lookInside(create(components))
      if (created === undefined) {
        throw new RelayError(
          'relay/incompatible-library',
          '@libp2p/gossipsub is not the version that this relay was written against.',
        )
      }
      filterMessages(created, filter)
      endBrokenStreams(created)
      sendInParts(created, frameRoom(limits))
      reachEverySubscriber(created, source => bridgeOnly(source, relays))
      followSpeakers(created, peer => components.connectionManager.getConnections(peer))
      const send = created.sendSubscriptions.bind(created)
      created.sendSubscriptions = (peer, topics, subscribe) => {
        const known = told.get(peer) ?? new Set<string>()
        const concerned = topics.filter(topic =>
          subscribe ? (relays.get(peer) ?? created.topics.get(topic)?.has(peer)) === true : known.delete(topic),
        )
        if (subscribe) for (const topic of concerned) known.add(topic)
        if (known.size > 0) told.set(peer, known)
        else told.delete(peer)
        for (let at = 0; at < concerned.length; at += subscriptionsPerRpc) {
          send(peer, concerned.slice(at, at + subscriptionsPerRpc), subscribe)
        }
      }
      inside = created
      return created
    },
    tell: (peer, topic) => inside?.sendSubscriptions(peer, [topic], true),
    isReachable: peer => inside?.streamsOutbound.has(peer) ?? true,
    addRelay(peer) {
      if (relays.has(peer)) return
      relays.set(peer, false)
      const credit = limits.relayTopics * topicOverheadBytes
      inside?.peerTopicBytes.set(peer, (inside.peerTopicBytes.get(peer) ?? 0) - credit)
    },
    tellRelay(peer, isTold) {
      if (relays.get(peer) === isTold || !relays.has(peer)) return
      relays.set(peer, isTold)
      if (isTold && inside !== undefined) inside.sendSubscriptions(peer, inside.getTopics(), true)
    },
    subscriptions: () => inside?.topics ?? [],
    forget(peer) {
      told.delete(peer)
      relays.delete(peer)
    },
    bufferedMessages: () => inside?.mcache.size ?? 0,
  }
}

/** Of the relays on a topic, what came from a relay goes on to a few only. */
function bridgeOnly(source: string | undefined, relays: ReadonlyMap<string, boolean>): Turn {
  let relaysLeft = source !== undefined && relays.has(source) ? relayFanout : everybody
  return peer => {
    if (!relays.has(peer)) return true
    relaysLeft -= 1
    return relaysLeft >= 0
  }
}

/** Sends to each peer on the connection on which it last began to speak; when that ends, on one that is left. */
function followSpeakers(inside: GossipSubInside, connections: (peer: PeerId) => Connection[]): void {
  const followed = new WeakSet<Connection>()
  const goBack = (peer: PeerId): void => {
    if (streams.carrierOf(peer)?.status === 'open') return
    const other = connections(peer).find(({ status }) => status === 'open')
    if (other !== undefined) streams.offer(peer, other)
  }
  const streams = new OutboundStreams({
    inside,
    connections,
    // Onto a connection that we made nobody is followed while another one works: two relays would follow each other to and fro for ever.
    isBetter: (connection, current) =>
      connection !== current && (current?.status !== 'open' || connection.direction === 'inbound'),
    runOnLimitedConnection: false,
    onOpened(connection) {
      // It may have ended while the stream was being opened.
      if (connection.status !== 'open') goBack(connection.remotePeer)
      if (followed.has(connection)) return
      followed.add(connection)
      connection.addEventListener('close', () => goBack(connection.remotePeer), { once: true })
    },
  })
}
