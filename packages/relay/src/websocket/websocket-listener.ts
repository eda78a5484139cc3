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
  TypedEventEmitter,
  type Upgrader,
  setMaxListeners,
} from '@libp2p/interface'
import { getThinWaistAddresses, ipPortToMultiaddr } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { type WebSocket, WebSocketServer } from 'ws'

import type { AddressSet } from '../addresses/address-prefix.ts'
import { remoteAddressOf } from './remote-address.ts'
import { createWebSocketConnection } from './websocket-connection.ts'

/** One frame: Noise messages and yamux frames end below 64 KiB plus their headers; a stranger gets no more memory than this. */
const maxFrameBytes = 256 * 1_024
/** How long the far end may take to answer a close before its TCP socket is ended. */
const closeTimeoutMs = 2_000

/** A constant of its own, because `closeTimeout` is newer than the types of `ws`. */
const serverOptions = {
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: maxFrameBytes,
  closeTimeout: closeTimeoutMs,
}

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
  /** Called for every request that was turned away before its WebSocket handshake. */
  readonly onRefused?: (reason: 'websocket/pending' | 'websocket/draining') => void
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
  #listeningOn: Multiaddr | undefined
  #pending = 0

  constructor(init: WebSocketListenerInit) {
    super()
    this.#init = init
    this.#log = init.logger.forComponent('tsugi:websocket:listener')
    this.#events = init.metrics?.registerCounterGroup('tsugi_websocket_events_total', { label: 'event' })
    setMaxListeners(Number.POSITIVE_INFINITY, this.#shutdown.signal)
  }

  async listen(address: Multiaddr): Promise<void> {
    this.#listeningOn = address
    this.#init.httpServer.on('upgrade', this.#onUpgrade)
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
    for (const socket of this.#sockets) socket.close(1001, 'the relay is going away')
    await Promise.all(
      [...this.#sockets].map(socket => new Promise<void>(resolve => void socket.once('close', () => resolve()))),
    )
    this.#init.httpServer.off('upgrade', this.#onUpgrade)
    this.safeDispatchEvent('close')
  }

  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // A client that resets its connection during the handshake is its own affair.
    const onError = (error: Error): void => this.#log('socket failed before its handshake ended - %e', error)
    socket.on('error', onError)
    const reason =
      this.#shutdown.signal.aborted || this.#init.isDraining()
        ? 'websocket/draining'
        : this.#pending >= this.#init.maxPendingUpgrades
          ? 'websocket/pending'
          : undefined
    if (reason !== undefined) {
      this.#init.onRefused?.(reason)
      this.#events?.increment({ [reason]: true })
      socket.end('HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
      return
    }
    this.#server.handleUpgrade(request, socket, head, webSocket => {
      socket.off('error', onError)
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
      ...(this.#events === undefined ? {} : { metrics: this.#events }),
    })
    this.#pending += 1
    this.#init.upgrader
      .upgradeInbound(connection, { signal: this.#shutdown.signal })
      .catch((error: Error) => {
        this.#log('connection from %a was not upgraded - %e', connection.remoteAddr, error)
        this.#events?.increment({ upgrade_error: true })
        connection.abort(error)
      })
      .finally(() => {
        this.#pending -= 1
      })
  }
}

/** Creates the listener of {@link sharedWebSockets}. */
export function createWebSocketListener(init: WebSocketListenerInit): Listener {
  return new WebSocketListener(init)
}
