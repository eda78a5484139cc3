import { hkdfSync } from 'node:crypto'

import {
  type Connection,
  type CreateListenerOptions,
  type DialTransportOptions,
  type Listener,
  type Transport,
  serviceCapabilities,
  transportSymbol,
} from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { WebTransport } from '@multiformats/multiaddr-matcher'
import { type Timers, systemTimers } from '@tsugi/bounded'

import { CertificateBook } from './certificates/certificate-book.ts'
import type { ListenerRefusal } from './listener-counters.ts'
import { type ListenerLimits, resolveListenerLimits } from './listener-limits.ts'
import { type ListenerComponents, WebTransportListener } from './listener.ts'
import { type Binding, loadBinding } from './native/binding.ts'
import { canDial, dial } from './session/dial.ts'

/** What {@link webTransportListener} may be told. */
export interface WebTransportInit {
  /** Ceilings; the others keep their defaults. */
  readonly limits?: Partial<ListenerLimits>
  /** Called for whatever a listener refused or dropped. */
  readonly onRefused?: (reason: ListenerRefusal) => void
  /** Default: the runtime's clock and timers. */
  readonly timers?: Timers
}

/**
 * WebTransport for a libp2p node in Node: it listens, and it dials.
 *
 * @returns a factory for `createLibp2p({ transports })`
 * @throws WebTransportError `webtransport/unavailable` where the native part cannot be loaded. It is thrown at once, so that a
 *   node can be put together without this transport.
 */
export function webTransportListener(init: WebTransportInit = {}): (components: ListenerComponents) => Transport {
  const binding = loadBinding()
  const limits = resolveListenerLimits(init.limits)
  return components => new WebTransportNodeTransport(components, binding, limits, init)
}

class WebTransportNodeTransport implements Transport {
  readonly [transportSymbol] = true
  readonly [Symbol.toStringTag] = '@tsugi/webtransport-listener'
  readonly [serviceCapabilities] = ['@libp2p/transport']
  readonly #components: ListenerComponents
  readonly #binding: Binding
  readonly #limits: ListenerLimits
  readonly #timers: Timers
  readonly #onRefused: WebTransportInit['onRefused']
  #certificates: CertificateBook | undefined

  constructor(components: ListenerComponents, binding: Binding, limits: ListenerLimits, init: WebTransportInit) {
    this.#components = components
    this.#binding = binding
    this.#limits = limits
    this.#timers = init.timers ?? systemTimers
    this.#onRefused = init.onRefused
  }

  createListener({ upgrader }: CreateListenerOptions): Listener {
    this.#certificates ??= new CertificateBook({ seed: seedOf(this.#components), timers: this.#timers })
    return new WebTransportListener(this.#components, {
      binding: this.#binding,
      certificates: this.#certificates,
      limits: this.#limits,
      timers: this.#timers,
      upgrader,
      onRefused: this.#onRefused,
    })
  }

  listenFilter(addresses: Multiaddr[]): Multiaddr[] {
    return addresses.filter(each => WebTransport.exactMatch(each))
  }

  dialFilter(addresses: Multiaddr[]): Multiaddr[] {
    return addresses.filter(canDial)
  }

  dial(address: Multiaddr, options: DialTransportOptions): Promise<Connection> {
    return dial(address, {
      components: this.#components,
      options,
      maxStreams: this.#limits.streams,
      unsentBytes: this.#limits.unsentBytes,
      open: (url, sha256) =>
        this.#binding.NapiClient.withCertificateHashes(sha256.map(each => Buffer.from(each))).connect(url),
    })
  }
}

/** A secret for the certificates, which tells nothing of the node's key. */
function seedOf({ privateKey }: ListenerComponents): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', privateKey.raw, new Uint8Array(), 'webtransport certificates', 32))
}
