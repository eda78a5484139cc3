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
import { peerIdFromString } from '@libp2p/peer-id'
import { getNetConfig } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { WebTransport } from '@multiformats/multiaddr-matcher'
import { type Timers, systemTimers } from '@tsugi/bounded'
import { base64url } from 'multiformats/bases/base64'
import * as digest from 'multiformats/hashes/digest'

import { CertificateBook } from './certificates/certificate-book.ts'
import type { ListenerRefusal } from './listener-counters.ts'
import { type ListenerLimits, resolveListenerLimits } from './listener-limits.ts'
import { type ListenerComponents, WebTransportListener } from './listener.ts'
import { type Binding, loadBinding } from './native/binding.ts'
import { abortable, authenticateOutbound } from './session/authenticate.ts'
import { Session } from './session/session.ts'
import { WtConnection } from './session/wt-connection.ts'
import { sessionMuxer } from './session/wt-muxer.ts'
import { WebTransportError } from './webtransport-error.ts'

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
    return addresses.filter(each => WebTransport.exactMatch(each) && certhashesOf(each).length > 0)
  }

  async dial(address: Multiaddr, options: DialTransportOptions): Promise<Connection> {
    options.signal.throwIfAborted()
    const { host, port } = getNetConfig(address)
    const certhashes = certhashesOf(address)
    const peer = address.getComponents().find(each => each.name === 'p2p')?.value
    const client = this.#binding.NapiClient.withCertificateHashes(
      certhashes.map(each => Buffer.from(digest.decode(each).digest)),
    )
    const url = `https://${host.includes(':') ? `[${host}]` : host}:${port}/.well-known/libp2p-webtransport?type=noise`
    const connecting = client.connect(url)
    // One that comes too late is closed.
    connecting.then(
      late => options.signal.aborted && late.close(0, ''),
      () => {},
    )
    const native = await abortable(connecting, options.signal).catch((cause: unknown) => {
      options.signal.throwIfAborted()
      throw new WebTransportError(
        'webtransport/dial-failed',
        `${String(address)} does not answer: ${String(cause)}`,
        cause,
      )
    })
    const session = new Session({
      native,
      maxStuckStreams: this.#limits.streams,
      unsentBytes: this.#limits.unsentBytes,
      onStuck: () => session.close(2, 'stuck-streams'),
    })
    const log = this.#components.logger.forComponent('libp2p:webtransport:connection')
    const connection = new WtConnection({ remoteAddr: address, direction: 'outbound', log })
    connection.attach(session)
    try {
      const remotePeer = await authenticateOutbound({
        session,
        connection,
        components: this.#components,
        signal: options.signal,
        certhashes,
        ...(peer !== undefined && { remotePeer: peerIdFromString(peer) }),
      })
      return await options.upgrader.upgradeOutbound(connection, {
        ...options,
        skipEncryption: true,
        skipProtection: true,
        remotePeer,
        muxerFactory: sessionMuxer({ session, maxStreams: this.#limits.streams, onRefused: () => {} }),
      })
    } catch (error) {
      session.close(1, 'handshake failed')
      throw error
    }
  }
}

/** Multihash bytes of an address’s certificate hashes; those of other functions than SHA-256 are left out. */
function certhashesOf(address: Multiaddr): Uint8Array[] {
  const found: Uint8Array[] = []
  for (const { name, value } of address.getComponents()) {
    if (name !== 'certhash' || value?.startsWith('u') !== true) continue
    const bytes = base64url.decode(value)
    if (bytes[0] === 0x12 && bytes.length === 34) found.push(bytes)
  }
  return found
}

/** A secret for the certificates, which tells nothing of the node's key. */
function seedOf({ privateKey }: ListenerComponents): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', privateKey.raw, new Uint8Array(), 'webtransport certificates', 32))
}
