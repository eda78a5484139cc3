import type { Connection } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { TaskGroup } from '@tsugi/bounded'
import type { Limits, PeerId } from '@tsugi/protocol'

import type { PeerBook } from '../book/address-book.ts'
import type { GossipService } from '../node/gossip-service.ts'
import { PeerError } from '../peer-error.ts'
import { type LinkTiming, linkTiming } from './link-timing.ts'
import type { Link, LinkKind, Links } from './link.ts'
import { MeshLink } from './mesh-link.ts'
import { addressesOf } from './peer-addresses.ts'

/** What {@link MeshLinks} needs. */
export interface MeshLinksOptions {
  readonly self: PeerId
  readonly tasks: TaskGroup
  readonly limits: Limits
  readonly webrtc: boolean
  readonly timing?: Partial<LinkTiming>
  readonly book: PeerBook
  readonly gossip: Pick<GossipService, 'isDirect' | 'settle'>
  readonly connections: (peer: PeerId) => Connection[]
  readonly dial: (addresses: readonly string[], signal: AbortSignal) => Promise<Connection>
  readonly isConnectedRelay: (peer: string) => boolean
  readonly isRelay: (peer: string) => boolean
  /** Whether a peer is on a topic that we take part in. */
  readonly isPresent: (peer: PeerId) => boolean
  readonly onChange: (link: Link, previous: LinkKind) => void
  /** A line broke: the others should hear that we are still here. */
  readonly onLoss: () => void
  /** Asks a peer to say that it is still here; answers whether it could be asked. Routine questions are for small topics. */
  readonly ask: (peer: PeerId, isRoutine: boolean) => boolean
}

/** The lines to other peers. */
export class MeshLinks implements Links {
  readonly #options: MeshLinksOptions
  readonly #timing: LinkTiming
  readonly #links = new Map<
    PeerId,
    { readonly link: MeshLink; readonly tasks: TaskGroup; wantedHere: boolean; absentSince: number }
  >()
  /** Whose lines are kept as if they were on a topic with us: there are streams to them. */
  readonly held = new Set<PeerId>()

  constructor(options: MeshLinksOptions) {
    this.#options = options
    this.#timing = { ...linkTiming, ...options.timing }
    options.tasks.interval('sweep', this.#timing.sweepMs, () => this.#sweep())
  }

  get size(): number {
    return this.#links.size
  }

  get(peer: string): Link | undefined {
    return this.#links.get(peer as PeerId)?.link.snapshot()
  }

  list(): Link[] {
    return [...this.#links.values()].map(({ link }) => link.snapshot())
  }

  async open(
    peer: string,
    options: { readonly addresses?: readonly string[]; readonly timeoutMs?: number } = {},
  ): Promise<Link> {
    if (this.#options.tasks.isStopped) throw new PeerError('peer/stopped', 'The peer has stopped.')
    const id = parsePeer(peer, this.#options.self)
    this.#options.book.see(id, addressesOf(id, options.addresses ?? []))
    const { link } = this.#ensure(id, true)
    const until = Date.now() + (options.timeoutMs ?? 20_000)
    while (!link.hasConnection) {
      link.drive()
      const left = until - Date.now()
      if (left <= 0 || link.isEnded || !(await this.#options.tasks.sleep('open', Math.min(left, 50)))) {
        throw new PeerError('link/unreachable', `No line to ${id}: ${link.snapshot().reason}.`)
      }
    }
    return link.snapshot()
  }

  async close(peer: string): Promise<void> {
    await this.#end(peer as PeerId, 'closed here')
  }

  /** Works towards a line now, whoever dials by rule. */
  hurry(peer: PeerId): void {
    this.#ensure(peer, false).link.drive(true)
  }

  /** A peer announced itself on a topic that we take part in. */
  met(peer: PeerId, hasNewAddresses: boolean): void {
    if (peer === this.#options.self || this.#options.isRelay(peer)) return
    if (!this.#links.has(peer) && this.#links.size >= this.#maxLinks()) return
    const { link } = this.#ensure(peer, false)
    link.heard()
    if (this.#isOurs(peer) && link.kind !== 'direct') this.#driveSoon(link, hasNewAddresses)
  }

  /** Some message of a peer's arrived. */
  heard(peer: PeerId): void {
    this.#links.get(peer)?.link.heard()
  }

  /** A connection opened: relays' are not ours, nor are those that our own kind of peer never makes. */
  opened(connection: Connection): void {
    const peer = connection.remotePeer.toString() as PeerId
    const isPeer = !connection.direct || connection.remoteAddr.getComponents().some(part => part.name === 'webrtc')
    if (!this.#links.has(peer) && (!isPeer || this.#options.isRelay(peer))) return
    const { link } = this.#ensure(peer, false)
    link.opened(connection)
    // Whoever opened the circuit goes on from there; both at once would be in each other's way.
    if (!connection.direct && connection.direction === 'outbound') this.#driveSoon(link)
  }

  closed(connection: Connection): void {
    const entry = this.#links.get(connection.remotePeer.toString() as PeerId)
    if (entry === undefined || entry.link.isEnded) return
    if (!entry.link.closed(connection)) return
    this.#options.onLoss()
    if (this.#isOurs(entry.link.peer) && this.#isWanted(entry.link.peer)) this.#driveSoon(entry.link)
  }

  measured(connection: Connection, roundTripMs: number): void {
    this.#links.get(connection.remotePeer.toString() as PeerId)?.link.measured(connection, roundTripMs)
  }

  /** The network is back: what waits for its turn is tried at once. */
  retry(): void {
    for (const { link } of this.#links.values()) {
      if (link.kind !== 'direct' && this.#isOurs(link.peer)) this.#driveSoon(link, true)
    }
  }

  /** Ends them all. */
  async stop(): Promise<void> {
    await Promise.all([...this.#links.keys()].map(peer => this.#end(peer, 'the peer stopped')))
  }

  /** One side dials by rule: the one whose id comes first, or whoever was told to. */
  #isOurs(peer: PeerId): boolean {
    return this.#options.self < peer || this.#links.get(peer)?.wantedHere === true
  }

  #isWanted(peer: PeerId): boolean {
    return this.#links.get(peer)?.wantedHere === true || this.held.has(peer) || this.#options.isPresent(peer)
  }

  /** After the events of this moment: a connection is often listed only after it was told of. */
  #driveSoon(link: MeshLink, hasNews = false): void {
    queueMicrotask(() => link.drive(hasNews))
  }

  #maxLinks(): number {
    const { gamePeers, peerGames } = this.#options.limits
    return gamePeers * peerGames
  }

  #ensure(peer: PeerId, wantedHere: boolean): { readonly link: MeshLink } {
    const known = this.#links.get(peer)
    if (known !== undefined) {
      known.wantedHere ||= wantedHere
      return known
    }
    const { options, timing } = { options: this.#options, timing: this.#timing }
    const tasks = options.tasks.child(peer.slice(-6))
    const link = new MeshLink(peer, {
      tasks,
      webrtc: options.webrtc,
      timing,
      connections: () => options.connections(peer),
      addresses: () => options.book.get(peer)?.addresses ?? [],
      isConnectedRelay: options.isConnectedRelay,
      dial: options.dial,
      isPresent: () => options.isPresent(peer),
      hasCircuitRoom: () => this.#circuits() < options.limits.peerCircuits,
      isGossipDirect: () => options.gossip.isDirect(peerIdFromString(peer)),
      settleGossip: () => options.gossip.settle(peerIdFromString(peer)),
      ask: isRoutine => options.ask(peer, isRoutine),
      onChange: (changed, previous) => options.onChange(changed.snapshot(), previous),
    })
    const entry = { link, tasks, wantedHere, absentSince: Date.now() }
    this.#links.set(peer, entry)
    return entry
  }

  #circuits(): number {
    let count = 0
    for (const { link } of this.#links.values()) if (link.hasCircuit) count += 1
    return count
  }

  async #end(peer: PeerId, reason: string): Promise<void> {
    const entry = this.#links.get(peer)
    if (entry === undefined) return
    this.#links.delete(peer)
    await entry.link.end(reason)
  }

  #sweep(): void {
    const now = Date.now()
    const { farewellMs, unsettledMs, impatienceMs } = this.#timing
    for (const [peer, entry] of this.#links) {
      if (this.#isWanted(peer) || entry.link.isUsed) {
        entry.absentSince = now
        entry.link.checkRoute()
        const isLate = now - entry.link.snapshot().since > impatienceMs
        const isIdle = entry.link.kind !== 'direct' && !entry.link.isDriving
        const { hasConnection } = entry.link
        if (isIdle && (this.#isOurs(peer) ? isLate || !hasConnection : isLate && !hasConnection)) entry.link.drive()
        continue
      }
      const patienceMs = this.#options.book.get(peer) === undefined ? unsettledMs : farewellMs
      if (now - entry.absentSince >= patienceMs) void this.#end(peer, 'no topic in common any more')
    }
  }
}

/** Reads another peer's id. @throws PeerError `link/invalid-peer` */
export function parsePeer(text: string, self: PeerId): PeerId {
  if (text === self) throw new PeerError('link/invalid-peer', 'A peer has no link to itself.')
  try {
    return peerIdFromString(text).toString() as PeerId
  } catch (cause) {
    throw new PeerError('link/invalid-peer', `"${text}" is no peer id.`, { cause })
  }
}
