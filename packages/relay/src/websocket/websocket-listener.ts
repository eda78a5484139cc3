import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'

import {
  type ComponentLogger,
  type CounterGroup,
  type Listener,
  type ListenerEvents,
  type Logger,
  type Metrics,
  type MultiaddrConnection,
  TypedEventEmitter,
  type Upgrader,
  setMaxListeners,
} from '@libp2p/interface'
import { getThinWaistAddresses, ipPortToMultiaddr } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { type WebSocket, WebSocketServer } from 'ws'

import { type AddressSet, addressKey } from '../addresses/address-prefix.ts'
import { HandshakeLine } from './handshake-line.ts'
import { remoteAddressOf } from './remote-address.ts'
import { UnfinishedSockets, type UnfinishedReason } from './unfinished-sockets.ts'
import { type WebSocketFault, createWebSocketConnection } from './websocket-connection.ts'

/** One frame: Noise messages and yamux frames end below 64 KiB plus their headers; a stranger gets no more memory than this. */
const maxFrameBytes = 256 * 1_024
/** From the open WebSocket to the libp2p connection: Noise takes two round trips. */
const handshakeTimeoutMs = 8_000
/** Requests that wait for their handshake to begin, and how long: clients give a dial up after 7 s. */
const maxWaiting = 1_024
const maxWaitMs = 2_500
const badRequest = 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
/** What RFC 6455 (4.2.2) answers to another version; `ws` takes one of the drafts too. */
const wrongVersion =
  'HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
/** How long the far end may take to answer a close before its TCP socket is ended. */
const closeTimeoutMs = 2_000

/** libp2p sends each message as one frame; a proxy may cut it up, but not into crumbs, each of which would cost far more than it holds. */
const maxFragments = 64
/** Pieces of one frame that wait for the rest. One that fills the ceiling comes in about 180 packets. */
const maxBufferedChunks = 1_024

/** A constant of its own, because `closeTimeout` is newer than the types of `ws`. */
const serverOptions = {
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: maxFrameBytes,
  maxFragments,
  maxBufferedChunks,
  closeTimeout: closeTimeoutMs,
}

/** Why a request, a socket or a connection was turned away before it was a libp2p connection, or broken off for its frames. */
export type WebSocketRefusal =
  | UnfinishedReason
  | WebSocketFault
  | 'websocket/pending'
  | 'websocket/draining'
  | 'websocket/bad-request'
  | 'websocket/handshake'
  | 'websocket/handshake-timeout'

/** What the listener shares with the rest of the relay. */
export interface SharedWebSocketInit {
  /** The server that also carries the page; it listens already. Its `upgrade` events are taken. */
  readonly httpServer: Server
  /** Proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: AddressSet
  /** Sockets that may be between `upgrade` and a finished libp2p handshake at once. */
  readonly maxPendingUpgrades: number
  /** While it says so, every request is turned away. */
  readonly isDraining: () => boolean
  /** TCP sockets of one address that may be open without having sent a request, and as many whose request waits. */
  readonly maxUnfinishedPerAddress: number
  /** Called for everything that is turned away. */
  readonly onRefused: (reason: WebSocketRefusal) => void
}

/** The listener's parts from libp2p. */
export interface WebSocketListenerInit extends SharedWebSocketInit {
  readonly upgrader: Upgrader
  readonly logger: ComponentLogger
  readonly metrics?: Metrics
}

/** Takes WebSockets from an HTTP server that somebody else owns, and hands them to libp2p's upgrader. */
class WebSocketListener extends TypedEventEmitter<ListenerEvents> implements Listener {
  readonly #init: WebSocketListenerInit
  readonly #log: Logger
  readonly #events: CounterGroup | undefined
  readonly #sockets = new Set<WebSocket>()
  readonly #shutdown = new AbortController()
  readonly #server = new WebSocketServer(serverOptions)
  readonly #unfinished: UnfinishedSockets
  readonly #line: HandshakeLine
  #listeningOn: Multiaddr | undefined
  #pending = 0

  constructor(init: WebSocketListenerInit) {
    super()
    this.#init = init
    this.#log = init.logger.forComponent('tsugi:websocket:listener')
    this.#events = init.metrics?.registerCounterGroup('tsugi_websocket_events_total', { label: 'event' })
    setMaxListeners(Number.POSITIVE_INFINITY, this.#shutdown.signal)
    this.#line = new HandshakeLine({ maxWaiting, maxPerAddress: init.maxUnfinishedPerAddress, maxWaitMs })
    this.#unfinished = new UnfinishedSockets({
      server: init.httpServer,
      maxPerAddress: init.maxUnfinishedPerAddress,
      trustedProxies: init.trustedProxies,
      onRefused: init.onRefused,
    })
    this.#server.on('wsClientError', (error, socket) => {
      init.onRefused('websocket/bad-request')
      socket.end(badRequest)
      this.#log('no WebSocket handshake - %e', error)
    })
  }

  async listen(address: Multiaddr): Promise<void> {
    this.#listeningOn = address
    this.#init.httpServer.on('upgrade', this.#onUpgrade)
    this.#unfinished.start()
    this.safeDispatchEvent('listening')
  }

  getAddrs(): Multiaddr[] {
    const address = this.#init.httpServer.address()
    if (address === null || typeof address === 'string' || this.#listeningOn === undefined) return []
    return getThinWaistAddresses(this.#listeningOn, (address satisfies AddressInfo).port).map(each =>
      each.encapsulate('/ws'),
    )
  }

  updateAnnounceAddrs(): void {
    // Nothing about these addresses is known only at run time.
  }

  async close(): Promise<void> {
    this.#shutdown.abort()
    this.#line.clear()
    for (const socket of this.#sockets) socket.close(1001, 'the relay is going away')
    await Promise.all(
      [...this.#sockets].map(socket => new Promise<void>(resolve => void socket.once('close', () => resolve()))),
    )
    this.#init.httpServer.off('upgrade', this.#onUpgrade)
    await this.#unfinished.stop()
    this.safeDispatchEvent('close')
  }

  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // A client that resets its connection during the handshake is its own affair.
    socket.on('error', this.#onEarlyError)
    if (this.#isClosed) return this.#turnAway(socket, 'websocket/draining')
    const version = request.headers['sec-websocket-version'] ?? '13'
    if (version !== '13') {
      this.#init.onRefused('websocket/bad-request')
      socket.end(wrongVersion)
      return
    }
    let leave = (): void => {}
    const onClose = (): void => leave()
    socket.once('close', onClose)
    leave = this.#line.enter(
      addressKey(remoteAddressOf(request, this.#init.trustedProxies)),
      () => {
        socket.off('close', onClose)
        this.#begin(request, socket, head)
      },
      () => {
        socket.off('close', onClose)
        this.#turnAway(socket, this.#isClosed ? 'websocket/draining' : 'websocket/pending')
      },
    )
  }

  readonly #onEarlyError = (error: Error): void => this.#log('socket failed before its handshake ended - %e', error)

  get #isClosed(): boolean {
    return this.#shutdown.signal.aborted || this.#init.isDraining()
  }

  #turnAway(socket: Duplex, reason: 'websocket/draining' | 'websocket/pending'): void {
    this.#init.onRefused(reason)
    this.#events?.increment({ [reason]: true })
    socket.end('HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
  }

  #begin(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#isClosed) return this.#turnAway(socket, 'websocket/draining')
    if (this.#pending >= this.#init.maxPendingUpgrades) return this.#turnAway(socket, 'websocket/pending')
    this.#server.handleUpgrade(request, socket, head, webSocket => {
      socket.off('error', this.#onEarlyError)
      this.#onConnection(webSocket, request)
    })
  }

  #onConnection(socket: WebSocket, request: IncomingMessage): void {
    this.#events?.increment({ connection: true })
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    const address = remoteAddressOf(request, this.#init.trustedProxies)
    const connection = createWebSocketConnection({
      socket,
      remoteAddr: ipPortToMultiaddr(address, request.socket.remotePort ?? 0).encapsulate('/ws'),
      log: this.#init.logger.forComponent('tsugi:websocket:connection'),
      onFault: this.#init.onRefused,
      ...(this.#events === undefined ? {} : { metrics: this.#events }),
    })
    this.#upgrade(connection)
  }

  #upgrade(connection: MultiaddrConnection): void {
    this.#pending += 1
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      connection.abort(new Error('the handshake took too long'))
    }, handshakeTimeoutMs)
    this.#init.upgrader
      .upgradeInbound(connection, { signal: this.#shutdown.signal })
      .catch((error: Error) => {
        this.#log('connection from %a was not upgraded - %e', connection.remoteAddr, error)
        this.#events?.increment({ upgrade_error: true })
        // Who was refused by admission has been counted there, and who left is nobody's fault.
        const isRefusal = error.name === 'ConnectionInterceptedError' || error.name === 'ConnectionDeniedError'
        if (isLate) this.#init.onRefused('websocket/handshake-timeout')
        else if (!isRefusal && connection.status === 'open') this.#init.onRefused('websocket/handshake')
        connection.abort(error)
      })
      .finally(() => {
        clearTimeout(timer)
        this.#pending -= 1
      })
  }
}

/** Creates the listener of {@link sharedWebSockets}. */
export function createWebSocketListener(init: WebSocketListenerInit): Listener {
  return new WebSocketListener(init)
}
