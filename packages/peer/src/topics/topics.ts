import { type GossipSub, type Message, TopicValidatorResult } from '@libp2p/gossipsub'
import { type BoundedQueueStats, ExpiringBook, type SlowReason, type TaskGroup, TokenBucket } from '@tsugi/bounded'
import { type AppId, type Limits, type PeerId, parseTopicName, wireTopic } from '@tsugi/protocol'

import type { GossipService } from '../node/gossip-service.ts'
import { PeerError } from '../peer-error.ts'
import type { PeerStats } from '../peer.ts'
import type { TopicReader } from './topic-reader.ts'
import { TopicRoom } from './topic-room.ts'
import type { JoinOptions, PublishOutcome, Topic, TopicView, Topics } from './topic.ts'

/** What {@link TopicRooms} needs. */
export interface TopicRoomsOptions {
  readonly self: PeerId
  readonly app: AppId
  readonly limits: Limits
  readonly tasks: TaskGroup
  readonly pubsub: GossipSub
  readonly gossip: Pick<GossipService, 'subscribers' | 'settleAll'>
  /** Whether there is any neighbour at all that could be on a topic, or will be in a moment. */
  readonly mayHaveNeighbours: () => boolean
  readonly addresses: () => string[]
  /** A message of somebody's arrived, whichever way. */
  readonly onHeard: (peer: PeerId) => void
  readonly onHere: (peer: PeerId, addresses: readonly string[], isMeeting: boolean) => void
  /** A peer came anew without having left: the lines to it that stood before are dead. [T7] */
  readonly onReturn: (peer: PeerId) => void
  readonly onPeers: (topic: string, peers: PeerId[], joined: PeerId[], left: PeerId[]) => void
  readonly onSlow: (topic: string, handle: string, reason: SlowReason, stats: BoundedQueueStats) => void
  /** A handle that nobody uses any more was left. */
  readonly onAbandoned: (topic: string, handle: string, why: AbandonedWhy) => void
  readonly timing?: Partial<TopicTiming>
}

/** How it was found that nobody uses a handle: its loop was left long ago, or the application has dropped it. */
export type AbandonedWhy = 'unread' | 'collected'

/** Waits of the topics. */
export interface TopicTiming {
  /** A handle whose loop was left, and that is neither read nor published on for so long, is left. */
  readonly abandonedAfterMs: number
  readonly sweepMs: number
}

const topicTiming: TopicTiming = { abandonedAfterMs: 300_000, sweepMs: 10_000 }

/** Long enough for any bucket to have filled up again. */
const rateMemoryMs = 60_000
/** A relay needs a moment to follow its guest onto a topic. */
const joinWaitMs = 1_000
const joinPollMs = 10

/** The joined topics. */
export class TopicRooms implements Topics {
  readonly #options: TopicRoomsOptions
  readonly #rooms = new Map<string, { readonly room: TopicRoom; readonly tasks: TaskGroup }>()
  readonly #rates: ExpiringBook<PeerId, TokenBucket>
  /** Finds handles that the application has dropped without leaving. */
  readonly #dropped = new FinalizationRegistry<{ room: TopicRoom; reader: TopicReader }>(({ room, reader }) =>
    this.#abandon(room, reader, 'collected'),
  )
  readonly #timing: TopicTiming
  #tooFast = 0
  #tooLarge = 0
  #nextHandle = 1

  constructor(options: TopicRoomsOptions) {
    this.#options = options
    this.#timing = { ...topicTiming, ...options.timing }
    const { tasks, pubsub } = options
    tasks.interval('sweep', this.#timing.sweepMs, () => this.#sweep())
    this.#rates = new ExpiringBook({ capacity: options.limits.bookPeers, ttlMs: rateMemoryMs })
    tasks.listen<CustomEvent<Message>>('messages', pubsub as never, 'message', event => this.#receive(event.detail))
    tasks.listen<CustomEvent<{ subscriptions: { topic: string; subscribe: boolean }[] }>>(
      'subscriptions',
      pubsub as never,
      'subscription-change',
      event => this.#subscribed(event.detail.subscriptions),
    )
    tasks.own('rooms', () => {
      for (const { room } of this.#rooms.values()) room.close()
      this.#rooms.clear()
      this.#rates.clear()
    })
  }

  get stats(): PeerStats['topics'] {
    const readers = [...this.#rooms.values()].flatMap(({ room }) => room.readers)
    return {
      joined: this.#rooms.size,
      handles: readers.length,
      held: readers.reduce((sum, reader) => sum + reader.held, 0),
      queued: readers.reduce((sum, reader) => sum + reader.stats.queue.length, 0),
      tooFast: this.#tooFast,
      tooLarge: this.#tooLarge,
    }
  }

  list(): string[] {
    return [...this.#rooms.values()].map(({ room }) => room.name)
  }

  views(): TopicView[] {
    return [...this.#rooms.values()].map(({ room }) => ({
      name: room.name,
      peers: room.presence.peers(),
      handles: room.readers.map(({ id, stats }) => ({ id, stats })),
    }))
  }

  async join(name: string, options: JoinOptions = {}): Promise<Topic> {
    const { tasks, app } = this.#options
    const parsed = parseTopicName(name)
    if (!parsed.ok) {
      throw new PeerError('topic/invalid-name', 'A topic has 1 to 128 printable ASCII characters without spaces.')
    }
    const { queueLength } = this.#options.limits
    const { bufferSize = 1 } = options
    if (!Number.isSafeInteger(bufferSize) || bufferSize < 1 || bufferSize > queueLength) {
      throw new PeerError('peer/invalid-option', `A handle holds 1 to ${queueLength} messages, not ${bufferSize}.`)
    }
    if (tasks.isStopped) throw new PeerError('peer/stopped', 'The peer has stopped.')
    const wire = wireTopic(app, parsed.value)
    const room = this.#rooms.get(wire)?.room ?? this.#enter(wire, name)
    const { handle, reader } = room.open(`${name}#${this.#nextHandle++}`, options)
    this.#dropped.register(handle, { room, reader })
    await this.#settle(wire, reader)
    if (reader.isOpen) this.#options.gossip.settleAll()
    return handle
  }

  /** Whether a message of this topic may come in; checked before its signature is. */
  accepts(wire: string, bytes: number): boolean {
    if (bytes > this.#options.limits.gameMessageBytes) this.#tooLarge += 1
    return this.#rooms.has(wire) && bytes <= this.#options.limits.gameMessageBytes
  }

  /** Whether a peer has announced itself on a topic that we take part in. */
  isPresent(peer: PeerId): boolean {
    for (const { room } of this.#rooms.values()) if (room.isMeeting && room.presence.has(peer)) return true
    return false
  }

  /** Asks a peer, on one of our common topics, whether it is still here; `isSmall` asks in small rooms only. */
  ask(peer: PeerId, isSmall: boolean): boolean {
    const rooms = [...this.#rooms.values()].map(({ room }) => room.presence)
    const common = rooms.find(
      presence => presence.has(peer) && (!isSmall || presence.size <= this.#options.limits.gamePeers),
    )
    common?.ask(peer)
    return common !== undefined
  }

  /** Nothing reaches a peer any more: it counts as gone, without its “bye”, until it is heard again. */
  miss(peer: PeerId): void {
    for (const { room } of this.#rooms.values()) room.presence.miss(peer)
  }

  /** Leaves everything, with a word to the others. */
  async leaveAll(): Promise<void> {
    await Promise.all([...this.#rooms.values()].flatMap(({ room }) => room.readers.map(reader => room.leave(reader))))
  }

  /** Our addresses have changed, or a line broke: the others should hear of us. */
  announce(): void {
    for (const { room } of this.#rooms.values()) room.presence.saySoon()
  }

  #enter(wire: string, name: string): TopicRoom {
    const { limits, pubsub } = this.#options
    // A game needs one topic, and may have a lobby or a chat beside it; relays allow as many.
    const maxTopics = limits.peerGames * 2
    if (this.#rooms.size >= maxTopics) throw new PeerError('topic/too-many', `${maxTopics} topics are joined already.`)
    const tasks = this.#options.tasks.child(name)
    const room = new TopicRoom({
      self: this.#options.self,
      name,
      tasks,
      maxMessageBytes: limits.gameMessageBytes,
      bufferSize: limits.gameEventBuffer,
      maxPeers: limits.bookPeers,
      addresses: this.#options.addresses,
      publish: data => this.#publish(wire, data),
      onHere: (peer, addresses) => this.#options.onHere(peer, addresses, room.isMeeting),
      onReturn: this.#options.onReturn,
      onPeers: (changed, joined, left) => this.#options.onPeers(changed.name, changed.presence.peers(), joined, left),
      onSlow: (handle, reason, stats) => this.#options.onSlow(name, handle, reason, stats),
      onEmpty: empty => this.#leave(wire, empty),
    })
    this.#rooms.set(wire, { room, tasks })
    pubsub.topicValidators.set(wire, (_, message) => this.#judge(room, message))
    pubsub.subscribe(wire)
    return room
  }

  async #leave(wire: string, room: TopicRoom): Promise<void> {
    const entry = this.#rooms.get(wire)
    // Somebody joined again while the “bye” went out.
    if (entry?.room !== room || room.readers.length > 0) return
    this.#rooms.delete(wire)
    this.#options.pubsub.topicValidators.delete(wire)
    if (!this.#options.tasks.isStopped) this.#options.pubsub.unsubscribe(wire)
    room.close()
    await entry.tasks.stop()
  }

  async #publish(wire: string, data: Uint8Array): Promise<PublishOutcome> {
    if (this.#options.tasks.isStopped) return { recipients: 0 }
    const { recipients } = await this.#options.pubsub.publish(wire, data)
    return { recipients: recipients.length }
  }

  /** What is ignored is neither kept nor handed on to others. */
  #judge(room: TopicRoom, message: Message): TopicValidatorResult {
    if (message.type !== 'signed') return TopicValidatorResult.Ignore
    const from = message.from.toString() as PeerId
    const isWanted = this.#allow(from) && room.wants({ from, data: message.data, receivedAt: Date.now() })
    return isWanted ? TopicValidatorResult.Accept : TopicValidatorResult.Ignore
  }

  #receive(message: Message): void {
    if (message.type !== 'signed') return
    const room = this.#rooms.get(message.topic)?.room
    if (room === undefined) return
    const from = message.from.toString() as PeerId
    this.#options.onHeard(from)
    room.receive({ from, data: message.data, receivedAt: Date.now() })
  }

  #sweep(): void {
    this.#rates.sweep()
    const before = Date.now() - this.#timing.abandonedAfterMs
    for (const { room } of this.#rooms.values()) {
      for (const reader of room.readers) {
        if ((reader.unreadSince ?? Number.POSITIVE_INFINITY) < before) this.#abandon(room, reader, 'unread')
      }
    }
  }

  #abandon(room: TopicRoom, reader: TopicReader, why: AbandonedWhy): void {
    if (!reader.isOpen) return
    this.#options.onAbandoned(room.name, reader.id, why)
    this.#options.tasks.run('leave', () => room.leave(reader))
  }

  /** One author's messages, on all topics together. */
  #allow(author: PeerId): boolean {
    const { peerMessageBurst, peerMessagesPerSecond } = this.#options.limits
    let rate = this.#rates.get(author)
    rate ??= new TokenBucket({ capacity: peerMessageBurst, refillPerSecond: peerMessagesPerSecond })
    this.#rates.set(author, rate)
    if (rate.tryTake()) return true
    this.#tooFast += 1
    return false
  }

  /** Somebody came onto a topic: only from now on can it hear us. */
  #subscribed(subscriptions: readonly { topic: string; subscribe: boolean }[]): void {
    for (const { topic, subscribe } of subscriptions) if (subscribe) this.#rooms.get(topic)?.room.presence.saySoon()
  }

  async #settle(wire: string, reader: TopicReader): Promise<void> {
    const { tasks, gossip, mayHaveNeighbours } = this.#options
    const until = Date.now() + joinWaitMs
    while (reader.isOpen && Date.now() < until && mayHaveNeighbours() && gossip.subscribers(wire).length === 0) {
      if (!(await tasks.sleep('join', joinPollMs))) return
    }
  }
}
