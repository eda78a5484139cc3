import { isIPv4 } from 'node:net'

import type {
  ComponentLogger,
  ConnectionGater,
  CounterGroup,
  Listener,
  ListenerEvents,
  Logger,
  Metrics,
  PeerId,
  PrivateKey,
  Upgrader,
} from '@libp2p/interface'
import { TypedEventEmitter } from '@libp2p/interface'
import { getNetConfig, getThinWaistAddresses } from '@libp2p/utils'
import { CODE_CERTHASH, CODE_WEBTRANSPORT, type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { WebTransport } from '@multiformats/multiaddr-matcher'
import type { Timers } from '@tsugi/bounded'

import type { CertificateBook } from './certificates/certificate-book.ts'
import { UdpFront, type Visitor } from './front/udp-front.ts'
import { type ListenerCount, ListenerCounters, type ListenerRefusal } from './listener-counters.ts'
import type { ListenerLimits } from './listener-limits.ts'
import type { Binding, NativeRequest } from './native/binding.ts'
import { abortable, authenticateInbound } from './session/authenticate.ts'
import { Session } from './session/session.ts'
import { WtConnection } from './session/wt-connection.ts'
import { sessionMuxer } from './session/wt-muxer.ts'
import { WebTransportError } from './webtransport-error.ts'

/** Where the handshake lives (libp2p specs, webtransport, “WebTransport HTTP endpoint”). */
const endpointPath = '/.well-known/libp2p-webtransport'
/** Codes with which a session is closed. */
const closeCodes = { stopped: 0, overflow: 2 } as const
/** What the native part takes in on a stream that nobody reads: quinn's window, 100 ms at 12.5 MB/s. */
const streamWindowBytes = 1_250_000
/** How often a session is looked at: whether it is still there, and its streams that nobody reads. */
const watchMs = 4_000
/** The last datagrams of a session that was closed leave within this time. */
const lingerMs = 1_000

/** The parts of a libp2p node that a listener works with. */
export interface ListenerComponents {
  readonly peerId: PeerId
  readonly privateKey: PrivateKey
  readonly logger: ComponentLogger
  readonly upgrader: Upgrader
  readonly connectionGater?: ConnectionGater
  readonly metrics?: Metrics
}

/** What {@link WebTransportListener} needs beside its components. */
export interface ListenerOptions {
  readonly binding: Binding
  readonly certificates: CertificateBook
  readonly limits: ListenerLimits
  readonly timers: Timers
  readonly upgrader: Upgrader
  readonly onRefused?: ((reason: ListenerRefusal) => void) | undefined
}

/** A listener's figures. */
export interface ListenerStats {
  readonly sessions: number
  readonly pending: number
  readonly refused: ReturnType<ListenerCounters['list']>
}

/** Listens on `/ip4/…/udp/…/quic-v1/webtransport`, or ip6. */
export class WebTransportListener extends TypedEventEmitter<ListenerEvents> implements Listener {
  readonly #components: ListenerComponents
  readonly #options: ListenerOptions
  readonly #log: Logger
  readonly #metrics: CounterGroup | undefined
  readonly #counters: ListenerCounters
  readonly #sessions = new Set<Session>()
  readonly #lingering = new Map<Visitor, unknown>()
  readonly #shutdown = new AbortController()
  #front: UdpFront | undefined
  #address: Multiaddr | undefined
  #unfollow = (): void => {}

  constructor(components: ListenerComponents, options: ListenerOptions) {
    super()
    this.#components = components
    this.#options = options
    this.#log = components.logger.forComponent('libp2p:webtransport:listener')
    this.#metrics = components.metrics?.registerCounterGroup('libp2p_webtransport_listener_events_total', {
      label: 'event',
      help: 'Events of the WebTransport listener by type',
    })
    this.#counters = new ListenerCounters(name => {
      this.#metrics?.increment({ [name]: true })
      if (name !== 'accepted') options.onRefused?.(name)
    })
  }

  get stats(): ListenerStats {
    return { sessions: this.#sessions.size, pending: this.#front?.pending ?? 0, refused: this.#counters.list() }
  }

  async listen(address: Multiaddr): Promise<void> {
    const { host, port, protocol, type } = getNetConfig(address)
    if (protocol !== 'udp' || port === undefined || (type !== 'ip4' && type !== 'ip6')) {
      throw new WebTransportError('webtransport/invalid-address', `${String(address)} is no address to listen on.`)
    }
    const { binding, certificates, limits, timers } = this.#options
    this.#front = await UdpFront.open({
      host,
      port,
      binding,
      certificate: () => certificates.current,
      limits,
      counters: this.#counters,
      timers,
      onRequest: (request, visitor) => void this.#onRequest(request, visitor),
    })
    this.#address = address
    this.#unfollow = certificates.follow(() => {
      this.#log('a new certificate is in use')
      this.#front?.rotate()
      this.safeDispatchEvent('listening')
    })
    this.safeDispatchEvent('listening')
  }

  getAddrs(): Multiaddr[] {
    if (this.#front === undefined || this.#address === undefined) return []
    const suffix = `/quic-v1/webtransport${this.#certhashPath()}`
    return getThinWaistAddresses(this.#address, this.#front.port).map(each => each.encapsulate(suffix))
  }

  updateAnnounceAddrs(addresses: Multiaddr[]): void {
    addresses.forEach((address, index) => {
      if (!WebTransport.matches(address)) return
      const components = address.getComponents().filter(each => each.code !== CODE_CERTHASH)
      const place = components.findIndex(each => each.code === CODE_WEBTRANSPORT) + 1
      const hashes = this.#options.certificates.certhashes()
      const added = hashes.map(value => ({ code: CODE_CERTHASH, name: 'certhash', value }))
      addresses[index] = multiaddr([...components.slice(0, place), ...added, ...components.slice(place)])
    })
  }

  async close(): Promise<void> {
    this.#unfollow()
    this.#shutdown.abort(new WebTransportError('webtransport/handshake-failed', 'The listener has been closed.'))
    const front = this.#front
    this.#front = undefined
    const ends = [...this.#sessions].map(session => session.ended)
    for (const session of this.#sessions) session.close(closeCodes.stopped, 'the listener stops')
    await Promise.all([front?.stopAccepting(), ...ends])
    // What tells the visitors is on its way through the front.
    if (ends.length > 0) await new Promise<void>(resolve => void this.#options.timers.setTimeout(resolve, 50))
    for (const [visitor, timer] of this.#lingering) {
      this.#options.timers.clearTimeout(timer)
      visitor.leave()
    }
    this.#lingering.clear()
    front?.close()
    this.safeDispatchEvent('close')
  }

  async #onRequest(request: NativeRequest, visitor: Visitor): Promise<void> {
    const signal = this.#components.upgrader.createInboundAbortSignal(this.#shutdown.signal)
    const connection = new WtConnection({
      remoteAddr: remoteAddressOf(visitor),
      direction: 'inbound',
      log: this.#components.logger.forComponent('libp2p:webtransport:connection'),
      ...(this.#metrics !== undefined && { metrics: this.#metrics }),
    })
    try {
      const refused = await this.#refusal(request, connection)
      if (refused === undefined) {
        await this.#open(request, visitor, connection, signal)
        this.#counters.add('accepted')
      } else {
        this.#counters.add(`status-${refused}`)
        connection.abort(new WebTransportError('webtransport/handshake-failed', `Answered with ${refused}.`))
        await request.reject(refused).catch(() => {})
        this.#linger(visitor)
      }
    } catch (error) {
      this.#log.error('a session from %s failed - %e', visitor.flow.remote.address, error)
      connection.abort(error as Error)
      this.#linger(visitor)
    } finally {
      visitor.settle()
      signal.clear()
    }
  }

  /** The HTTP status with which a request is refused. */
  async #refusal(request: NativeRequest, connection: WtConnection): Promise<400 | 403 | 503 | undefined> {
    const url = new URL(await request.url)
    const isOurs = url.pathname === endpointPath && url.searchParams.getAll('type').join() === 'noise'
    if (!isOurs) return 400
    if (this.#sessions.size >= this.#options.limits.sessions || this.#shutdown.signal.aborted) return 503
    // libp2p asks again when the connection is upgraded; here the answer can still be a status.
    const isDenied = await this.#components.connectionGater?.denyInboundConnection?.(connection)
    return isDenied === true ? 403 : undefined
  }

  /** From an accepted request to a libp2p connection. */
  async #open(request: NativeRequest, visitor: Visitor, connection: WtConnection, signal: AbortSignal): Promise<void> {
    const { limits, certificates, upgrader } = this.#options
    const session = new Session({
      native: await abortable(request.ok(), signal),
      line: visitor.flow,
      maxStuckStreams: limits.streams,
      unsentBytes: limits.unsentBytes,
      onStuck: () => this.#overflow(session, 'stuck-streams'),
    })
    connection.attach(session)
    this.#hold(session, visitor)
    const remotePeer = await this.#counted(
      'noise',
      authenticateInbound({
        session,
        connection,
        components: this.#components,
        signal,
        certhashes: certificates.multihashes(),
      }),
    )
    visitor.flow.whenFull(limits.unreadBytes, () => {
      // What was counted is an estimate, and grows a little with every packet; what the windows allow is certain.
      if (session.unreadStreams === 0) visitor.flow.clearArrived()
      else if (session.unreadStreams * streamWindowBytes > limits.unreadBytes) this.#overflow(session, 'unread')
    })
    const muxerFactory = sessionMuxer({
      session,
      maxStreams: limits.streams,
      onRefused: () => this.#counters.add('streams'),
    })
    const options = { skipEncryption: true, skipProtection: true, remotePeer, muxerFactory, signal } as const
    await this.#counted('upgrade', upgrader.upgradeInbound(connection, options))
  }

  /** Counts what fails, and passes it on. */
  async #counted<T>(name: ListenerCount, work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      this.#counters.add(name)
      throw error
    }
  }

  #hold(session: Session, visitor: Visitor): void {
    const { limits, timers } = this.#options
    this.#sessions.add(session)
    let timer: unknown
    const watch = (): void => {
      timer = timers.setTimeout(() => {
        if (timers.now() - visitor.flow.lastHeardMs >= limits.keepAliveMs) session.ping()
        session.probeStreams()
        watch()
      }, watchMs)
    }
    watch()
    const onEnd = (): void => {
      timers.clearTimeout(timer)
      this.#sessions.delete(session)
      this.#linger(visitor)
    }
    session.ended.then(onEnd, onEnd)
  }

  /** Lets the last datagrams pass, then forgets the visitor. */
  #linger(visitor: Visitor): void {
    visitor.settle()
    if (this.#lingering.has(visitor)) return
    const timer = this.#options.timers.setTimeout(() => {
      this.#lingering.delete(visitor)
      visitor.leave()
    }, lingerMs)
    this.#lingering.set(visitor, timer)
  }

  #overflow(session: Session, name: 'unread' | 'stuck-streams'): void {
    if (!session.isOpen) return
    this.#counters.add(name)
    this.#log('closing a session: %s', name)
    session.close(closeCodes.overflow, name)
  }

  #certhashPath(): string {
    return this.#options.certificates
      .certhashes()
      .map(each => `/certhash/${each}`)
      .join('')
  }
}

function remoteAddressOf({ flow }: Visitor): Multiaddr {
  const { address, port } = flow.remote
  const host = address.split('%', 1)[0] ?? address
  return multiaddr(`/${isIPv4(host) ? 'ip4' : 'ip6'}/${host}/udp/${port}/quic-v1/webtransport`)
}
