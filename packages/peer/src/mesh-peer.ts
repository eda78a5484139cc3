import type { Connection, PeerId as LibPeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { type ListenerTarget, StoreMonitor, TaskGroup, type TaskInfo } from '@tsugi/bounded'
import type { AppId, Limits, PeerId } from '@tsugi/protocol'

import { PeerBook } from './book/address-book.ts'
import type { BookStore, KeptBook } from './book/book-store.ts'
import { type BookKeeper, keepBook } from './book/kept-book.ts'
import { endWithin } from './end-within.ts'
import type { Identity } from './identity/identity.ts'
import type { LinkTiming } from './links/link-timing.ts'
import type { Link, LinkKind } from './links/link.ts'
import { MeshLinks } from './links/mesh-links.ts'
import { addressesOf, addressesToAnnounce } from './links/peer-addresses.ts'
import { type MeshNode, createNode } from './node/create-node.ts'
import { mayDial } from './node/dial-policy.ts'
import { type GossipService, createGossipService } from './node/gossip-service.ts'
import { untilSignaled } from './node/handshake.ts'
import { stunServers } from './node/ice-servers.ts'
import { isSparing } from './node/is-sparing.ts'
import { LineMonitor } from './node/line-monitor.ts'
import { followNetwork } from './node/network-changes.ts'
import { pingPace } from './node/ping-pace.ts'
import type { RelayTransport } from './node/relay-transport.ts'
import { type ReservationPort, createReservationPort } from './node/reservation-port.ts'
import { sweepPeerStore } from './node/sweep-peer-store.ts'
import { tellApp } from './node/tell-app.ts'
import { type DialOptions, TransportRace } from './node/transport-race.ts'
import type { PeerEvents, RelayChangeKind } from './peer-events.ts'
import { statsOf } from './peer-stats.ts'
import type { Peer, PeerOptions, PeerState, PeerStats } from './peer.ts'
import { RecordRelays } from './records/record-relays.ts'
import { askRelay } from './relays/ask-relay.ts'
import { describeRelay } from './relays/describe-relay.ts'
import { hearRelays } from './relays/hear-relays.ts'
import { RelayPool } from './relays/relay-pool.ts'
import type { RelayStatus } from './relays/relay-status.ts'
import { TopicRoutes } from './topic-routes.ts'
import { TopicRooms, type TopicTiming } from './topics/topics.ts'
import { TypedEvents } from './typed-events.ts'

/** What a peer is made of. */
export interface MeshPeerParts {
  readonly options: PeerOptions
  readonly app: AppId
  readonly limits: Limits
  readonly slots: number
  readonly identity: Identity
  readonly timing: PeerTiming
  readonly bookStore: BookStore | undefined
  /** What came out of it. */
  readonly keptBook: unknown
}

/** Waits that are not a peer's real ones. */
export interface PeerTiming {
  readonly links?: Partial<LinkTiming>
  readonly topics?: Partial<TopicTiming>
  /** How often a nearer relay is looked for. */
  readonly nearerEveryMs?: number
  /** How long a way to a relay has before the next is tried beside it. */
  readonly headStartMs?: number
}

const describeTimeoutMs = 5_000
const bookSweepMs = 60_000
const stopTimeoutMs = 5_000
const settleMs = 200

/** The {@link Peer}: joins the rooms (relays, links, topics, book) to one libp2p node, and ends them with it. */
export class MeshPeer extends TypedEvents<PeerEvents> implements Peer {
  readonly id: PeerId
  readonly app: AppId
  readonly identity: Identity
  readonly relays: RelayPool
  readonly links: MeshLinks
  readonly topics: TopicRooms
  readonly book: PeerBook
  readonly records: RecordRelays
  /** For rooms that are built beside these, as ./streams; each is told when the peer stops, while lines still stand. */
  readonly node: MeshNode
  readonly limits: Limits
  readonly farewells = new Set<() => Promise<void>>()
  readonly #gossip: GossipService
  readonly #tasks: TaskGroup
  readonly #monitor: LineMonitor
  readonly #routes: TopicRoutes
  readonly #race: TransportRace
  readonly #bookKeeper: BookKeeper | undefined
  readonly #bookMonitor: StoreMonitor<'book'>
  #storedPeers = 0
  #state: PeerState = 'starting'
  #lastAnnounced = ''
  #stopped: Promise<void> | undefined

  /** Builds and starts everything. */
  static async start(parts: MeshPeerParts): Promise<MeshPeer> {
    const { options, limits } = parts
    // The node asks things of rooms that are made after it.
    let peer: MeshPeer | undefined
    const gossip = createGossipService(limits, (from, message) => {
      peer?.relays.noteHeard(from.toString())
      return peer?.topics.accepts(message.topic, message.data?.byteLength ?? 0) === true
    })
    const reservations = createReservationPort()
    const node = await createNode({
      privateKey: parts.identity.privateKey,
      gossip,
      reservations,
      finder: options.discovery,
      slots: parts.slots,
      webrtc: options.webrtc ?? true,
      iceServers: () => [...stunServers(peer?.relays.stunAddresses()), ...(options.iceServers ?? [])],
      mayDial: address => peer !== undefined && mayDial(address, peer.relays),
      untilSignaled: dialler => peer?.untilSignaled(dialler) ?? Promise.resolve(),
      maxConnections: limits.knownRelays + limits.gamePeers * limits.peerGames * 2,
    })
    peer = new MeshPeer(parts, node, gossip, reservations)
    try {
      await node.start()
      await peer.#begin(options)
      return peer
    } catch (error) {
      await peer.stop()
      throw error
    }
  }

  private constructor(parts: MeshPeerParts, node: MeshNode, gossip: GossipService, reservations: ReservationPort) {
    super()
    const { options, limits } = parts
    const { discovery } = options
    this.id = node.peerId.toString() as PeerId
    this.app = parts.app
    this.identity = parts.identity
    this.node = node
    this.limits = limits
    this.#gossip = gossip
    this.#tasks = new TaskGroup({
      onError: (error, task) => options.logger?.warn(`The task ${task} failed.`, error),
    })
    this.#routes = new TopicRoutes({
      tasks: this.#tasks,
      relays: () => this.relays,
      connections: () => node.getConnections(),
      topics: () => node.services.pubsub.getTopics(),
      subscribers: topic => gossip.subscribers(topic),
    })
    this.book = new PeerBook({
      limits,
      onSeen: peer => this.emit('peer:seen', { peer }),
      onGone: (peer, reason) => {
        this.emit('peer:gone', { peer, reason })
        this.#forget(peer)
      },
    })
    const { headStartMs } = parts.timing
    this.#race = new TransportRace({
      limits,
      ...(headStartMs !== undefined && { headStartMs }),
      dial: (addresses, signal, how) => this.#dial(addresses, signal, how),
    })
    const { peers, ways } = (parts.keptBook ?? {}) as Partial<KeptBook>
    this.book.restore(peers)
    this.#race.restore(ways)
    this.#bookMonitor = new StoreMonitor({
      store: 'book',
      read: () => ({ ...this.book.reading(), used: this.book.size / limits.bookPeers }),
      onWarning: warning => this.emit('store:warning', warning),
    })
    if (parts.bookStore !== undefined) {
      this.#bookKeeper = keepBook({
        tasks: this.#tasks.child('book'),
        book: this.book,
        race: this.#race,
        store: parts.bookStore,
        everyMs: bookSweepMs,
      })
    }
    this.relays = new RelayPool({
      tasks: this.#tasks.child('relays'),
      limits,
      slots: parts.slots,
      ...(parts.timing.nearerEveryMs !== undefined && { nearerEveryMs: parts.timing.nearerEveryMs }),
      reservations,
      describe: (origin, signal) =>
        describeRelay(origin, { signal, maxBytes: limits.wellKnownBytes, timeoutMs: describeTimeoutMs }),
      ...(discovery !== undefined && { find: signal => discovery.find(node, signal) }),
      ask: (connection, signal) => askRelay(connection, limits.wellKnownBytes, signal),
      dial: (addresses, signal, silent) => this.#dialRelay(addresses, signal, silent),
      protect: relay => this.#protect(relay),
      isBusy: relay => this.#routes.wouldMiss(relay),
      onChange: (change, relay) => this.#relayChanged(change, relay),
    })
    this.records = new RecordRelays(parts.app, () => this.relays.connections())
    this.links = new MeshLinks({
      self: this.id,
      tasks: this.#tasks.child('links'),
      limits,
      webrtc: options.webrtc ?? true,
      ...(parts.timing.links !== undefined && { timing: parts.timing.links }),
      book: this.book,
      gossip,
      connections: peer => node.getConnections(peerIdFromString(peer)),
      dial: (addresses, signal) => this.#dial(addresses, signal),
      isConnectedRelay: peer => this.relays.isConnectedRelay(peer),
      isRelay: peer => this.relays.isRelay(peer),
      isPresent: peer => this.topics.isPresent(peer),
      onChange: (link, previous) => this.#linkChanged(link, previous),
      onLoss: () => this.topics.announce(),
      ask: (peer, isRoutine) => this.topics.ask(peer, isRoutine),
    })
    this.topics = new TopicRooms({
      self: this.id,
      app: parts.app,
      limits,
      tasks: this.#tasks.child('topics'),
      pubsub: node.services.pubsub,
      gossip,
      mayHaveNeighbours: () =>
        gossip.sizes().peers > 0 || (this.#state === 'starting' && this.relays.list().length > 0),
      addresses: () => this.#announced(),
      onHeard: peer => this.#heard(peer),
      onHere: (peer, addresses, isMeeting) => this.#met(peer, addresses, isMeeting),
      onReturn: peer => void this.#tasks.run('check lines', () => this.#monitor.checkTo(peer)),
      onPeers: (topic, peers, joined, left) => this.emit('topic:peers', { topic, peers, joined, left }),
      onSlow: (topic, handle, reason, stats) => this.emit('slow', { topic, handle, reason, stats }),
      onAbandoned: (topic, handle, why) => this.emit('topic:abandoned', { topic, handle, why }),
      ...(parts.timing.topics !== undefined && { timing: parts.timing.topics }),
    })
    this.#monitor = new LineMonitor({
      tasks: this.#tasks.child('lines'),
      connections: () => node.getConnections(),
      onRoundTrip: (connection, roundTripMs) => this.#measured(connection, roundTripMs),
      pace: () => {
        const pace = pingPace({ relays: this.relays.list(), links: this.links.list(), isSparing: isSparing() })
        return ({ remotePeer }) => pace(this.relays.pingEveryMs(remotePeer.toString()))
      },
      onSilent: ({ remotePeer }, silentMs) => this.relays.noteSilent(remotePeer.toString(), silentMs),
    })
  }

  get state(): PeerState {
    return this.#state
  }

  stats(): PeerStats {
    return statsOf({
      connections: this.node.getConnections(),
      relays: this.relays,
      links: this.links,
      topics: this.topics.stats,
      book: this.book,
      storedPeers: this.#storedPeers,
      gossip: this.#gossip.sizes(),
      tasks: this.#tasks.size,
    })
  }

  /** Waits for the other end of a handshake. */
  untilSignaled(dialler: string): Promise<void> {
    return untilSignaled(this.node.getConnections(peerIdFromString(dialler)), this.#tasks.signal)
  }

  /** The connections to a peer, for what is built on libp2p streams beside gossip. */
  connectionsTo(peer: PeerId): Connection[] {
    return this.node.getConnections(peerIdFromString(peer))
  }

  /** The tasks of such a room. */
  group(name: string): TaskGroup {
    return this.#tasks.child(name)
  }

  /** Forgets what has ended, here and in libp2p's own store. */
  async sweep(): Promise<void> {
    this.book.sweep()
    this.#bookMonitor.check()
    const isKnown = (peer: string): boolean =>
      this.book.get(peer as PeerId) !== undefined || this.relays.isRelay(peer) || this.links.get(peer) !== undefined
    this.#storedPeers = await sweepPeerStore(this.node, isKnown)
  }

  tasks(): TaskInfo[] {
    return this.#tasks.list()
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #begin({ relays }: PeerOptions): Promise<void> {
    const tasks = this.#tasks.child('node')
    const events = this.node as ListenerTarget<CustomEvent<Connection>>
    tasks.listen('opened', events, 'connection:open', ({ detail }) => this.#opened(detail))
    tasks.listen('closed', events, 'connection:close', ({ detail }) => this.#closed(detail))
    tasks.listen('addresses', events, 'self:peer:update', () => this.#addressesChanged())
    tasks.interval('sweep', bookSweepMs, () => this.sweep())
    followNetwork(tasks, () => void tasks.run('network', () => this.#networkChanged()))
    await hearRelays({
      node: this.node,
      tasks: this.#tasks,
      relays: this.relays,
      routes: this.#routes,
      maxBytes: this.limits.wellKnownBytes,
    })
    for (const relay of relays) this.relays.add(relay)
    this.relays.start()
  }

  #dial(addresses: readonly string[], signal: AbortSignal, options?: DialOptions): Promise<Connection> {
    return this.node.dial(
      addresses.map(address => multiaddr(address)),
      { ...options, signal },
    )
  }

  /** By whichever transport stands first, unless a line is there already that is not silent. */
  #dialRelay(addresses: readonly string[], signal: AbortSignal, silent?: RelayTransport): Promise<Connection> {
    if (silent !== undefined) return this.#race.dial(addresses, signal, silent)
    const standing = this.node
      .getConnections()
      .find(each => each.direct && addresses.some(address => address.endsWith(`/p2p/${each.remotePeer.toString()}`)))
    return standing === undefined ? this.#race.dial(addresses, signal) : Promise.resolve(standing)
  }

  /** Relays' connections are the last to go when there are too many. */
  async #protect(relay: LibPeerId): Promise<void> {
    await this.node.peerStore.merge(relay, { tags: { 'tsugi-relay': { value: 100 } } })
  }

  #opened(connection: Connection): void {
    this.#tasks.run('tell the app', () => tellApp(connection, this.app))
    this.links.opened(connection)
    this.#monitor.watch(connection)
  }

  #closed(connection: Connection): void {
    this.links.closed(connection)
    // Gossip may have been on the connection that closed while another one stands: now, and when its streams have ended as well.
    this.#gossip.settle(connection.remotePeer)
    this.#tasks.timeout('settle gossip', settleMs, () => this.#gossip.settle(connection.remotePeer))
  }

  #measured(connection: Connection, roundTripMs: number): void {
    this.#gossip.settle(connection.remotePeer)
    this.links.measured(connection, roundTripMs)
    this.relays.noteRoundTrip(connection.remotePeer.toString(), roundTripMs)
  }

  #heard(peer: PeerId): void {
    this.book.touch(peer)
    this.links.heard(peer)
  }

  #met(peer: PeerId, addresses: readonly string[], isMeeting: boolean): void {
    if (peer === this.id) return
    const hasNews = this.book.see(peer, addressesOf(peer, addresses))
    if (isMeeting) this.links.met(peer, hasNews)
  }

  #relayChanged(change: RelayChangeKind, relay: RelayStatus): void {
    if (this.#state === 'stopped') return
    this.emit('relay:change', { change, relay })
    if (this.relays.isOnline) {
      if (this.#state === 'ready') return
      this.#state = 'ready'
      this.emit('ready', undefined)
    } else if (this.#state === 'ready' || (this.#state === 'starting' && change === 'lost')) {
      this.#state = 'offline'
      this.emit('offline', { reason: relay.reason ?? 'no relay can be reached' })
    }
  }

  #linkChanged(link: Link, previous: LinkKind): void {
    // Neither a line nor the relay's route reaches it any more: its page is gone, as a rule.
    if (link.kind === 'none') this.topics.miss(link.peer)
    this.emit('link:change', { peer: link.peer, kind: link.kind, previous, reason: link.reason, link })
  }

  #addressesChanged(): void {
    const addresses = this.#announced().join()
    if (addresses === this.#lastAnnounced) return
    this.#lastAnnounced = addresses
    this.topics.announce()
  }

  #announced(): string[] {
    return addressesToAnnounce(this.node.getMultiaddrs().map(String))
  }

  #networkChanged(): Promise<void> {
    this.relays.retry()
    this.links.retry()
    return this.#monitor.checkAll('hurry')
  }

  /** What has left the book leaves the topics and libp2p's own store too, unless a line stands. */
  #forget(peer: PeerId): void {
    if (this.#state === 'stopped') return
    this.topics.miss(peer)
    const id = peerIdFromString(peer)
    if (this.node.getConnections(id).length > 0) return
    this.#tasks.run('forget', () => this.node.peerStore.delete(id))
  }

  async #stop(): Promise<void> {
    this.#state = 'stopped'
    for (const end of this.farewells) await endWithin(stopTimeoutMs, end())
    await endWithin(stopTimeoutMs, this.topics.leaveAll())
    await endWithin(stopTimeoutMs, this.links.stop())
    await this.#tasks.stop()
    await endWithin(stopTimeoutMs, this.#bookKeeper?.finish())
    await endWithin(stopTimeoutMs, Promise.resolve(this.node.stop()))
    this.book.clear()
    this.#storedPeers = 0
    this.identity.release()
    this.emit('stopped', undefined)
  }
}
