import {
  type ComponentLogger,
  type Connection,
  type CreateListenerOptions,
  type Listener,
  type Metrics,
  type Transport,
  serviceCapabilities,
  transportSymbol,
} from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { WebSockets } from '@multiformats/multiaddr-matcher'

import { RelayError } from '../relay-error.ts'
import { type SharedWebSocketInit, createWebSocketListener } from './websocket-listener.ts'

/** The parts of libp2p that the transport needs. */
export interface WebSocketTransportComponents {
  readonly logger: ComponentLogger
  readonly metrics?: Metrics
}

class SharedWebSocketTransport implements Transport {
  readonly [transportSymbol] = true as const
  readonly [Symbol.toStringTag] = '@tsugi/relay-websocket'
  readonly [serviceCapabilities]: string[] = ['@libp2p/transport']
  readonly #components: WebSocketTransportComponents
  readonly #init: SharedWebSocketInit

  constructor(components: WebSocketTransportComponents, init: SharedWebSocketInit) {
    this.#components = components
    this.#init = init
  }

  async dial(): Promise<Connection> {
    throw new RelayError('relay/invalid-config', 'This transport listens only.')
  }

  createListener(options: CreateListenerOptions): Listener {
    return createWebSocketListener({ ...this.#init, ...this.#components, upgrader: options.upgrader })
  }

  listenFilter(addresses: Multiaddr[]): Multiaddr[] {
    return addresses.filter(address => WebSockets.exactMatch(address))
  }

  dialFilter(): Multiaddr[] {
    return []
  }
}

/**
 * A libp2p transport that listens for WebSockets on an HTTP server that already runs and serves other things too: one TCP port
 * for everything, addresses of clients behind proxies, and backpressure. Dialling is left to others.
 *
 * @example
 * ```ts
 * const server = http.createServer(page).listen(8080)
 * transports: [sharedWebSockets({ httpServer: server, trustedProxies: createAddressSet([]), maxPendingUpgrades: 256, … })]
 * ```
 */
export function sharedWebSockets(init: SharedWebSocketInit): (components: WebSocketTransportComponents) => Transport {
  return components =>
    new SharedWebSocketTransport(
      { logger: components.logger, ...(components.metrics === undefined ? {} : { metrics: components.metrics }) },
      init,
    )
}
