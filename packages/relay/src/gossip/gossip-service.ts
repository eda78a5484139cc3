import { type GossipSub, type GossipSubComponents, type GossipsubOpts, gossipsub } from '@libp2p/gossipsub'
import type { Connection, PeerId } from '@libp2p/interface'
import type { Limits } from '@tsugi/protocol'

import { RelayError } from '../relay-error.ts'
import type { ArrivingMessage } from './message-gate.ts'

/** The part of an RPC that is read here. */
interface ArrivingRpc {
  subscriptions: unknown[]
  messages: ArrivingMessage[]
  control?: unknown
}

/** What gossipsub 17 does inside and does not offer outside. `gossip-router.test.ts` fails when it changes. */
interface GossipSubInside extends GossipSub {
  handleReceivedRpc(from: PeerId, rpc: ArrivingRpc): Promise<void>
  selectPeersToForward(topic: string, source?: string, exclude?: ReadonlySet<string>): Set<string>
  sendSubscriptions(peer: string, topics: string[], subscribe: boolean): void
  pipePeerReadStream(peerId: PeerId, source: AsyncIterable<unknown>): Promise<void>
  readonly streamsInbound: ReadonlyMap<string, { readonly source: AsyncIterable<unknown> }>
  readonly peers: { has(peer: string): boolean }
  readonly topics: ReadonlyMap<string, ReadonlySet<string>>
  createOutboundStream(peerId: PeerId, connection: Connection): Promise<void>
  readonly streamsOutbound: Map<string, { close(): Promise<void> }>
  /** What each peer's topics count against `maxTopicBytesPerPeer`. */
  readonly peerTopicBytes: Map<string, number>
  readonly mcache: { readonly size: number }
}

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

/** Called for each message before anything else is done with it; what is not kept is as if it had never arrived. */
export type MessageFilter = (from: PeerId, message: ArrivingMessage) => boolean

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
  const framing = 1_024
  return {
    D: everybody,
    Dlo: everybody,
    Dhi: everybody,
    Dout: 0,
    // Floodsub peers get messages of topics that nobody checked.
    fallbackToFloodsub: false,
    doPX: false,
    // Tags would be written to the peer store for each topic of each peer.
    tagMeshPeers: false,
    emitSelf: false,
    runOnLimitedConnection: false,
    maxInboundStreams: 2,
    maxOutboundStreams: 2,
    // One RPC may carry a few messages of the greatest size; a longer frame ends the stream.
    maxInboundDataLength: Math.min(4 * (limits.gameMessageBytes + framing), 4 * 1_024 * 1_024),
    maxOutboundBufferSize: Math.min(limits.circuitBufferBytes, 16 * 1_024 * 1_024),
    maxTopicBytesPerPeer: Math.max(128 * 1_024, limits.peerGames * 2 * (topicOverheadBytes + maxTopicNameLength)),
    decodeRpcLimits: {
      maxSubscriptions: 256,
      maxMessages: 256,
      maxIhaveMessageIDs: 1_000,
      maxIwantMessageIDs: 1_000,
      maxIdontwantMessageIDs: 512,
      maxControlMessages: 256,
      maxPeerInfos: 0,
    },
    // Rates are limited here by counting, per peer. Scores would punish whoever shares an address with many, or leaves and rejoins.
    scoreParams: { IPColocationFactorWeight: 0, behaviourPenaltyWeight: 0, appSpecificWeight: 0, topics: {} },
  }
}

/**
 * Gossipsub as a route for the relay's guests:
 *
 * - Each message passes `filter` before its signature is checked.
 * - A message goes to every subscriber of its topic, whether the mesh holds it or not. Gossipsub forwards along its mesh only, and
 *   keeps whoever left a topic out of it for 10 s or more; a player who reloads the page would hear nothing for so long.
 * - Only subscribers of a topic hear that the relay is on it. Gossipsub tells every peer every topic: each guest would learn of
 *   all games, and each game would cost a message to ten thousand strangers. Fellow relays are told every topic, because each has
 *   to know where the other's guests are.
 * - A peer hears us on the connection of its own making on which it last began to speak. Gossipsub stays with the first one; a guest
 *   whose line broke without a word and who is back on another would hear nothing for as long as the old one is taken for alive.
 *   Onto a connection that we made we follow nobody while another one works: two relays would follow each other to and fro for ever.
 * - Streams to different peers are opened side by side. Gossipsub opens one after the other, and a guest that is gone without a word
 *   makes everybody after it wait for a time-out.
 */
export function createGossipService(limits: GossipLimits, filter: MessageFilter): GossipService {
  let inside: GossipSubInside | undefined
  const told = new Map<string, Set<string>>()
  /** Fellow relays, and whether each is told our topics. */
  const relays = new Map<string, boolean>()
  /** The connection on which each peer hears us, and the one on which it is to. */
  const carriers = new Map<string, Connection>()
  const wanted = new Map<string, Connection>()
  /** Peers for which a stream is being opened. */
  const opening = new Set<string>()
  const create = gossipsub(optionsFor(limits))
  return {
    service(components) {
      const created = create(components) as GossipSubInside
      requireShape(created)
      const handle = created.handleReceivedRpc.bind(created)
      created.handleReceivedRpc = async (from, rpc) => {
        if (rpc.subscriptions.length > 0 && rpc.messages.length > 0) {
          // The topic has to be known before its first message is judged.
          await handle(from, { subscriptions: rpc.subscriptions, messages: [] })
          rpc.subscriptions = []
        }
        rpc.messages = rpc.messages.filter(message => filter(from, message))
        await handle(from, rpc)
      }
      created.selectPeersToForward = (topic, source, exclude) => {
        const receivers = new Set<string>()
        let relaysLeft = source !== undefined && relays.has(source) ? relayFanout : everybody
        for (const peer of created.topics.get(topic) ?? []) {
          if (peer === source || exclude?.has(peer) === true || !created.streamsOutbound.has(peer)) continue
          if (relays.has(peer)) {
            if (relaysLeft === 0) continue
            relaysLeft -= 1
          }
          receivers.add(peer)
        }
        return receivers
      }
      const openOutbound = created.createOutboundStream.bind(created)
      /** Of two connections the newer one may be the one that ends. */
      const goBack = (peerId: PeerId, peer: string, ended: Connection): void => {
        if (carriers.get(peer) !== ended) return
        const other = components.connectionManager.getConnections(peerId).find(each => each.status === 'open')
        if (other !== undefined && created.peers.has(peer)) void created.createOutboundStream(peerId, other)
      }
      const follow = async (peerId: PeerId, peer: string): Promise<void> => {
        for (let connection = wanted.get(peer); connection !== undefined; connection = wanted.get(peer)) {
          wanted.delete(peer)
          const outbound = created.streamsOutbound.get(peer)
          const isHeard = outbound !== undefined && carriers.get(peer)?.status === 'open'
          if (isHeard && connection.direction === 'outbound') continue
          if (carriers.get(peer) !== connection && connection.status === 'open') {
            created.streamsOutbound.delete(peer)
            outbound?.close().catch(() => {})
            carriers.set(peer, connection)
            connection.addEventListener('close', () => goBack(peerId, peer, connection), { once: true })
          }
          await openOutbound(peerId, connection)
        }
      }
      const read = created.pipePeerReadStream.bind(created)
      created.pipePeerReadStream = (peerId, source) => {
        const isCurrent = (): boolean => created.streamsInbound.get(peerId.toString())?.source === source
        return read(peerId, untilReplaced(source, isCurrent))
      }
      created.createOutboundStream = (peerId, connection) => {
        const peer = peerId.toString()
        wanted.set(peer, connection)
        if (!opening.has(peer)) {
          opening.add(peer)
          void follow(peerId, peer).finally(() => {
            opening.delete(peer)
            if (!created.peers.has(peer)) carriers.delete(peer)
          })
        }
        return Promise.resolve()
      }
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
      carriers.delete(peer)
      wanted.delete(peer)
    },
    bufferedMessages: () => inside?.mcache.size ?? 0,
  }
}

/**
 * What a peer says on one stream. When the stream breaks after the peer has begun another one, it ends in order: gossipsub would forget
 * the peer, and close the stream that works.
 */
async function* untilReplaced(source: AsyncIterable<unknown>, isCurrent: () => boolean): AsyncGenerator {
  try {
    yield* source
  } catch (error) {
    if (isCurrent()) throw error
  }
}

function requireShape(service: GossipSubInside): void {
  const isAsExpected =
    typeof service.handleReceivedRpc === 'function' &&
    typeof service.selectPeersToForward === 'function' &&
    typeof service.sendSubscriptions === 'function' &&
    typeof service.createOutboundStream === 'function' &&
    typeof service.pipePeerReadStream === 'function' &&
    service.streamsInbound instanceof Map &&
    service.topics instanceof Map &&
    service.streamsOutbound instanceof Map &&
    service.peerTopicBytes instanceof Map &&
    typeof service.mcache.size === 'number'
  if (!isAsExpected) {
    throw new RelayError(
      'relay/incompatible-library',
      '@libp2p/gossipsub is not the version that this relay was written against.',
    )
  }
}
