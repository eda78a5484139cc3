import type { Connection, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { type ListenerTarget, TaskGroup } from '@tsugi/bounded'
import { type Limits, type WellKnown, relaysProtocol, webOriginOf } from '@tsugi/protocol'

import type { RelayNode } from '../create-node.ts'
import type { GossipRouter } from '../gossip/gossip-router.ts'
import type { Refusals } from '../refusals.ts'
import { keepRendezvous } from './dht-rendezvous.ts'
import { type DialPermit, createDialPermit } from './dial-permit.ts'
import { readDescription } from './read-description.ts'
import { type KnownRelay, RelayBook } from './relay-book.ts'
import { type HintSource, relayHints } from './relay-hints.ts'
import { hostOf, parseRelayName, peerOf } from './relay-name.ts'
import { createRelaysProtocol } from './relays-protocol.ts'

const tickMs = 500
const maxTriesAtOnce = 4
const dialTimeoutMs = 8_000
/** How often fellow relays tell each other their load. */
const exchangeMs = 20_000
/** A fellow that misses so many exchanges in a row is frozen: its line is ended, and it is tried again. */
const maxMissed = 2
/** A description is told for so long: counting ten thousand connections anew for each of ten thousand askers would take a core. */
const describedForMs = 500
/** How long a draining relay waits for its peers to have moved. */
const farewellMs = 4_000
/** Streams that are opened at once to tell them. */
const farewellsAtOnce = 256

/** What happens with other relays. */
export type RelayDiscoveryEvent =
  | { readonly type: 'relay:joined'; readonly peer: string; readonly name: string }
  | { readonly type: 'relay:left'; readonly peer: string; readonly name: string }
  | {
      readonly type: 'relay:unreachable'
      readonly name: string
      readonly reason: string
      readonly retryMs: number | null
    }

/** Figures about other relays. */
export interface RelayDiscoveryStats {
  /** Named by the operator, or found. */
  readonly known: number
  /** Those of them that are fellows now: met, and connected. */
  readonly connected: number
}

/** What {@link RelayDiscovery} needs. */
export interface RelayDiscoveryOptions {
  readonly limits: Limits
  /** URLs and multiaddrs of other relays. */
  readonly names: readonly string[]
  /** Whether others than those are looked for, and believed when they are met at the address that they name. */
  readonly discovers: boolean
  readonly region: string | undefined
  readonly refusals: Refusals
  readonly router: Pick<GossipRouter, 'addRelay' | 'tellRelay'>
  /** This relay's own description. */
  readonly describe: () => WellKnown
  readonly onEvent: (event: RelayDiscoveryEvent) => void
}

interface Fellow extends HintSource {
  readonly known: KnownRelay
  readonly peer: string
  described: WellKnown
  missed: number
}

/**
 * The other relays: met, kept, and told of what this one is.
 *
 * Whom we count as a fellow relay decides to whom topics are announced, and whose messages pass by thousands. So nobody becomes one
 * by saying so: the operator names it, or we have dialled it ourselves at an address that we may dial, and met the same peer there.
 */
export class RelayDiscovery {
  /** What the relay may dial; for the gater and the transport. */
  readonly permit: DialPermit
  readonly #options: RelayDiscoveryOptions
  readonly #book: RelayBook
  readonly #fellows = new Map<string, Fellow>()
  readonly #tasks = new TaskGroup({ name: 'relays' })
  readonly #protocol: ReturnType<typeof createRelaysProtocol>
  #node: RelayNode | undefined
  #described: { readonly value: WellKnown; readonly atMs: number } | undefined
  #tries = 0
  #wakeRendezvous: () => void = () => {}

  /** @throws RelayError `relay/invalid-config` for a name that is none */
  constructor(options: RelayDiscoveryOptions) {
    this.#options = options
    const names = options.names.map(parseRelayName)
    this.#book = new RelayBook({ limits: options.limits, names })
    this.permit = createDialPermit({
      namedHosts: new Set(names.flatMap(({ address }) => (address === undefined ? [] : (hostOf(address) ?? [])))),
      discovers: options.discovers,
      ownAddresses: () => this.#node?.getMultiaddrs().map(String) ?? [],
    })
    this.#protocol = createRelaysProtocol({
      limits: options.limits,
      refusals: options.refusals,
      describe: reader => ({ ...this.#describe(), ...(this.#fellows.has(reader) && { fellow: true }) }),
      onDescribed: (connection, described) => this.#heard(connection, described),
    })
  }

  /** Begins; the node has started. */
  async attach(node: RelayNode): Promise<void> {
    this.#node = node
    await node.handle(relaysProtocol, this.#protocol.handler, { maxInboundStreams: 4, maxOutboundStreams: 4 })
    const events = node as ListenerTarget<CustomEvent<PeerId>>
    this.#tasks.listen('left', events, 'peer:disconnect', ({ detail }) => this.#left(detail.toString()))
    this.#tasks.interval('meet', tickMs, () => this.#meetDue())
    this.#tasks.interval('exchange', exchangeMs, () => this.#exchangeAll())
    if (!this.#options.discovers) return
    this.#wakeRendezvous = keepRendezvous({
      tasks: this.#tasks,
      routing: node.contentRouting,
      hasFellows: () => this.#fellows.size > 0,
      onFound: (peer, addresses) => this.#learn(peer, addresses),
    })
  }

  stats(): RelayDiscoveryStats {
    return { known: this.#book.size, connected: this.#fellows.size }
  }

  /** Origins of relays where guests may go instead. */
  hints(): string[] {
    return relayHints([...this.#fellows.values()], this.#options.region)
  }

  /**
   * Tells every peer that understands it what this relay's description says now, that it drains, and waits until those that move to
   * another relay have moved; not for long, and not for those that have nowhere to go.
   */
  async farewell(): Promise<void> {
    const node = this.#node
    if (node === undefined) return
    this.#described = undefined
    const signal = AbortSignal.any([this.#tasks.signal, AbortSignal.timeout(farewellMs)])
    const peers = node.getPeers()
    const moving: Promise<void>[] = []
    const tellNext = async (): Promise<void> => {
      for (let peer = peers.pop(); peer !== undefined && !signal.aborted; peer = peers.pop()) {
        const connection = node.getConnections(peer).find(each => each.status === 'open')
        if (connection === undefined) continue
        // What a peer speaks is not known for sure; whoever does not speak this refuses the stream.
        const told = await this.#protocol.tell(connection, signal)
        if (told !== undefined) moving.push(told.moved)
      }
    }
    await Promise.all(Array.from({ length: farewellsAtOnce }, tellNext))
    await Promise.all(moving)
  }

  stop(): Promise<void> {
    return this.#tasks.stop()
  }

  #describe(): WellKnown {
    const now = Date.now()
    if (this.#described === undefined || now - this.#described.atMs >= describedForMs) {
      this.#described = { value: this.#options.describe(), atMs: now }
    }
    return this.#described.value
  }

  #meetDue(): void {
    for (const known of this.#book.due()) {
      if (this.#tries >= maxTriesAtOnce) return
      if (known.peer !== undefined && this.#fellows.has(known.peer)) continue
      this.#tasks.run('meet', signal => this.#meet(known, signal))
    }
  }

  async #meet(known: KnownRelay, signal: AbortSignal): Promise<void> {
    known.isTrying = true
    this.#tries += 1
    try {
      await this.#dial(known, signal)
    } catch (error) {
      if (signal.aborted) return
      const retryMs = this.#book.failed(known) ?? null
      const reason = error instanceof Error ? error.message : String(error)
      this.#options.onEvent({ type: 'relay:unreachable', name: known.key, reason, retryMs })
    } finally {
      known.isTrying = false
      this.#tries -= 1
    }
  }

  async #dial(known: KnownRelay, signal: AbortSignal): Promise<void> {
    const node = this.#node
    if (node === undefined) return
    const addresses = await this.#addressesOf(known, signal)
    if (known.peer === node.peerId.toString()) {
      known.retryAtMs = Number.POSITIVE_INFINITY
      return
    }
    // Whoever says that it is a relay has connected to us as a rule; what counts is that it is met where it says it is.
    const connection = await node.dial(addresses, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(dialTimeoutMs)]),
      force: known.name === undefined,
    })
    const peer = connection.remotePeer.toString()
    const answered = await this.#protocol.exchange(connection, signal)
    if (!answered.ok) {
      if (known.name === undefined) await connection.close().catch(() => {})
      throw new Error(`${answered.code}${answered.detail === undefined ? '' : `: ${answered.detail}`}`)
    }
    known.peer = peer
    const isSecond = node.getConnections(connection.remotePeer).length > 1
    this.#welcome(known, peer, answered.value)
    if (isSecond && known.name === undefined) await connection.close().catch(() => {})
    // It has heard us before we counted it as a fellow.
    await this.#exchange(peer, signal)
  }

  /** Where to dial it. A name's own host is dialled wherever it is; what its description adds only where strangers may send us. */
  async #addressesOf(known: KnownRelay, signal: AbortSignal): Promise<Multiaddr[]> {
    const { name } = known
    if (name?.address === undefined) return [...known.addresses]
    if (name.url === undefined) return [name.address]
    const described = await readDescription(name.url, this.#options.limits.wellKnownBytes, signal)
    if (!described.ok) {
      known.peer = undefined
      return [name.address]
    }
    const { peerId, multiaddrs } = described.value
    known.peer = peerIdFromString(peerId).toString()
    const announced = multiaddrs.filter(each => webOriginOf(each) !== undefined).map(each => multiaddr(each))
    return [name.address.encapsulate(`/p2p/${peerId}`), ...announced.filter(each => peerOf(each) === peerId)]
  }

  /** A relay has told us what it is, on a connection of its own making or as an answer. */
  #heard(connection: Connection, described: WellKnown): void {
    const peer = connection.remotePeer.toString()
    const fellow = this.#fellows.get(peer)
    if (fellow !== undefined) {
      this.#update(fellow, described)
      return
    }
    const known = this.#book.find(peer)
    if (known?.name !== undefined) {
      this.#welcome(known, peer, described)
      this.#tasks.run('exchange', signal => this.#exchange(peer, signal))
    } else if (this.#options.discovers) {
      this.#learn(
        peer,
        described.multiaddrs.filter(each => webOriginOf(each) !== undefined).map(each => multiaddr(each)),
      )
    }
  }

  #learn(peer: string, addresses: readonly Multiaddr[]): void {
    if (peer === this.#node?.peerId.toString()) return
    const dialable = addresses.filter(each => webOriginOf(String(each)) !== undefined)
    this.#book.learn(peer, dialable)
  }

  #welcome(known: KnownRelay, peer: string, described: WellKnown): void {
    this.#book.met(known)
    if (this.#fellows.has(peer)) return
    const fellow: Fellow = { known, peer, url: known.name?.url, described, missed: 0 }
    this.#fellows.set(peer, fellow)
    this.#described = undefined
    this.#options.router.addRelay(peer)
    this.#options.onEvent({ type: 'relay:joined', peer, name: known.key })
    this.#update(fellow, described)
    this.#wakeRendezvous()
  }

  #update(fellow: Fellow, described: WellKnown): void {
    fellow.described = described
    fellow.missed = 0
    this.#book.met(fellow.known)
    // Only one that counts us as a relay is told our topics: to any other we would be a guest that keeps them alive.
    this.#options.router.tellRelay(fellow.peer, described.fellow === true)
  }

  async #exchangeAll(): Promise<void> {
    await Promise.all([...this.#fellows.keys()].map(peer => this.#exchange(peer, this.#tasks.signal)))
  }

  async #exchange(peer: string, signal: AbortSignal): Promise<void> {
    const connections = this.#node?.getConnections(peerIdFromString(peer)) ?? []
    const connection = connections.find(each => each.status === 'open')
    if (connection === undefined) return
    const answered = await this.#protocol.exchange(connection, signal)
    const fellow = this.#fellows.get(peer)
    if (fellow === undefined || signal.aborted) return
    if (answered.ok) {
      this.#update(fellow, answered.value)
      return
    }
    fellow.missed += 1
    if (fellow.missed < maxMissed) return
    for (const each of connections) each.abort(new Error('The relay did not answer.'))
  }

  #left(peer: string): void {
    const fellow = this.#fellows.get(peer)
    if (fellow === undefined || (this.#node?.getConnections(peerIdFromString(peer)).length ?? 0) > 0) return
    this.#fellows.delete(peer)
    this.#described = undefined
    this.#book.lost(fellow.known)
    this.#options.onEvent({ type: 'relay:left', peer, name: fellow.known.key })
  }
}
