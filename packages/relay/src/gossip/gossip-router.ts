import type { GossipSub } from '@libp2p/gossipsub'
import type { PeerId } from '@libp2p/interface'
import { ExpiringBook } from '@tsugi/bounded'
import { type AppId, type Limits, appOfWireTopic } from '@tsugi/protocol'

import type { Refusals } from '../refusals.ts'
import { type GossipService, createGossipService, maxTopicNameLength } from './gossip-service.ts'
import { MessageGate } from './message-gate.ts'
import { TopicTable } from './topic-table.ts'

/** Guests without a gossip stream are looked for every so many heartbeats of a second. */
const heartbeatsPerCheck = 10
/** So long after the last guest left a topic, what was under way to it may still arrive. */
const lateMs = 10_000
/** Topics left of which that is remembered. */
const maxLeftTopics = 1_000

/** What happens on topics, for whoever listens. */
interface TopicEvent {
  readonly type: 'topic:join' | 'topic:leave'
  readonly topic: string
}

/** The router's figures. */
export interface GossipStats {
  /** Topics that the relay is on. */
  readonly topics: number
  /** Messages kept for repetition. */
  readonly bufferedMessages: number
  /** Messages that passed the gate since the start. */
  readonly messages: number
  readonly bytes: number
  /** Messages that came when their topic's last guest had just left: a last word overtaken by the leaving, and nobody's fault. */
  readonly lateMessages: number
}

/** What {@link createGossipRouter} needs. */
export interface GossipRouterOptions {
  readonly limits: Limits
  /** The apps served, or `'any'`. */
  readonly apps: readonly AppId[] | 'any'
  readonly refusals: Refusals
  readonly onTopic?: (event: TopicEvent) => void
  /** A peer said something that was let in. */
  readonly onMessage?: (peer: string) => void
  /** A guest can be told nothing any more, although its connection stands. */
  readonly onUnreachable?: (peer: string) => void
}

/** Joins the topics of its guests and routes what is said there. */
export interface GossipRouter extends Pick<GossipService, 'service'> {
  /** Begins to follow the guests of a started node. */
  attach(gossip: GossipSub): void
  /** A peer has no connection left. */
  removePeer(peer: PeerId): void
  /** Whether a peer has announced a topic that is routed here. */
  isOn(peer: string, topic: string): boolean
  /**
   * A peer is a fellow relay: it is no guest, so its subscriptions keep no topic alive here, and it has an allowance of its own for
   * what it forwards. Until it has no connection left.
   */
  addRelay(peer: string): void
  /** Whether a fellow relay is told our topics: it has to count us as a relay too. */
  tellRelay(peer: string, isTold: boolean): void
  /** Whether a peer is on a topic here. */
  hasTopics(peer: string): boolean
  isRelay(peer: string): boolean
  stats(): GossipStats
  /** Stops following. */
  detach(): void
}

/** Creates the router; its `service` goes into libp2p, `attach` follows once that has started. */
export function createGossipRouter(options: GossipRouterOptions): GossipRouter {
  const { limits, apps, refusals } = options
  const table = new TopicTable({
    maxTopics: limits.relayTopics,
    // A game needs one topic, and may have a lobby or a chat beside it.
    maxTopicsPerPeer: limits.peerGames * 2,
    maxNameLength: maxTopicNameLength,
    isServed: topic => apps === 'any' || apps.includes(appOfWireTopic(topic)),
  })
  const relays = new Set<string>()
  const gate = new MessageGate({ limits, hasTopic: topic => table.has(topic), isRelay: peer => relays.has(peer) })
  let gossip: GossipSub | undefined
  let heartbeats = 0
  let isSomebodyWaiting = false
  let unreachable: ReadonlySet<string> = new Set()
  const left = new ExpiringBook<string, true>({ capacity: maxLeftTopics, ttlMs: lateMs })
  let messages = 0
  let bytes = 0
  let lateMessages = 0

  const service = createGossipService(limits, (from, message) => {
    if (left.has(message.topic) && !table.has(message.topic)) {
      lateMessages += 1
      return false
    }
    const sender = from.toString()
    const refused = gate.check(sender, from.toMultihash().bytes, message)
    if (refused !== undefined) {
      refusals.add(refused, sender)
      return false
    }
    messages += 1
    options.onMessage?.(sender)
    bytes += message.data?.byteLength ?? 0
    return true
  })

  const leave = (topic: string): void => {
    left.set(topic, true)
    gossip?.unsubscribe(topic)
    options.onTopic?.({ type: 'topic:leave', topic })
  }
  const add = (guest: string, topic: string): void => {
    const answer = table.add(guest, topic)
    if ('refused' in answer) {
      refusals.add(answer.refused, guest)
      if (answer.refused === 'topic/relay-limit') isSomebodyWaiting = true
    } else if (answer.change === 'join') {
      gossip?.subscribe(topic)
      options.onTopic?.({ type: 'topic:join', topic })
    } else {
      service.tell(guest, topic)
    }
  }
  const removeGuest = (guest: string): void => {
    for (const topic of table.removeGuest(guest)) leave(topic)
  }

  const onSubscriptions: Parameters<typeof listen>[1] = event => {
    const guest = event.detail.peerId.toString()
    if (relays.has(guest)) return
    for (const { topic, subscribe } of event.detail.subscriptions) {
      if (subscribe) add(guest, topic)
      else if (table.remove(guest, topic) === 'leave') leave(topic)
    }
  }
  /** Gossipsub forgets a peer whose stream to us breaks while its connection stands, and tells nobody. */
  const removeForgotten = (started: GossipSub): void => {
    for (const topic of table.topics()) {
      const subscribers = new Set(started.getSubscribers(topic).map(String))
      for (const guest of table.guests(topic)) {
        if (!subscribers.has(guest) && table.remove(guest, topic) === 'leave') leave(topic)
      }
    }
  }
  /** Topics that were refused for want of room get it once others have left. */
  const addWaiting = (): void => {
    isSomebodyWaiting = false
    for (const [topic, peers] of service.subscriptions()) {
      if (table.has(topic)) continue
      for (const peer of peers) if (!relays.has(peer)) add(peer, topic)
    }
  }
  /**
   * A guest that read too slowly has had its stream from us closed, and gossipsub does not open another one. Its connection is
   * closed for it, so that it notices and comes back.
   */
  const closeUnreachable = (): void => {
    const found = new Set([...table.allGuests(), ...relays].filter(guest => !service.isReachable(guest)))
    for (const guest of found) if (unreachable.has(guest)) options.onUnreachable?.(guest)
    unreachable = found
  }
  const onHeartbeat = (): void => {
    heartbeats += 1
    if (heartbeats % heartbeatsPerCheck !== 0 || gossip === undefined) return
    left.sweep()
    removeForgotten(gossip)
    if (isSomebodyWaiting && table.size < limits.relayTopics) addWaiting()
    closeUnreachable()
  }

  return {
    service: service.service,
    attach(started) {
      gossip = started
      listen(started, onSubscriptions)
      started.addEventListener('gossipsub:heartbeat', onHeartbeat)
    },
    removePeer(peer) {
      const id = peer.toString()
      relays.delete(id)
      gate.forget(id)
      service.forget(id)
      removeGuest(id)
    },
    addRelay(peer) {
      relays.add(peer)
      gate.forget(peer)
      service.addRelay(peer)
      removeGuest(peer)
    },
    isOn: (peer, topic) => table.guests(topic).has(peer),
    tellRelay: (peer, isTold) => service.tellRelay(peer, isTold),
    hasTopics: peer => table.hasGuest(peer),
    isRelay: peer => relays.has(peer),
    stats: () => ({ topics: table.size, bufferedMessages: service.bufferedMessages(), messages, bytes, lateMessages }),
    detach() {
      gossip?.removeEventListener('subscription-change', onSubscriptions)
      gossip?.removeEventListener('gossipsub:heartbeat', onHeartbeat)
      gossip = undefined
    },
  }
}

type SubscriptionListener = (
  event: CustomEvent<{ peerId: PeerId; subscriptions: Array<{ topic: string; subscribe: boolean }> }>,
) => void

function listen(gossip: GossipSub, listener: SubscriptionListener): void {
  gossip.addEventListener('subscription-change', listener)
}
