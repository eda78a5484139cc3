/**
 * WebTransport for js-libp2p in browsers: it dials. The streams are the listener's own, so what is paused is not read, and a writer waits while the
 * path is full.
 *
 * @packageDocumentation
 */
import {
  type ComponentLogger,
  type Connection,
  type DialTransportOptions,
  type Listener,
  type Transport,
  serviceCapabilities,
  transportSymbol,
} from '@libp2p/interface'
import type { NoiseComponents } from '@libp2p/noise'
import type { Multiaddr } from '@multiformats/multiaddr'

import { canDial, dial } from '../session/dial.ts'
import { WebTransportError } from '../webtransport-error.ts'
import { type WebTransportLike, webSession } from './web-session.ts'

const maxStreams = 256
/** What a page may give to QUIC is the browser's business. */
const unsentBytes = Number.POSITIVE_INFINITY

type WebTransportConstructor = new (
  url: string,
  options: { serverCertificateHashes: Array<{ algorithm: 'sha-256'; value: Uint8Array }> },
) => WebTransportLike

/** Where a browser has it: on secure pages of Chromium, Firefox and Safari 26.4. */
function constructorHere(): WebTransportConstructor | undefined {
  return (globalThis as { WebTransport?: WebTransportConstructor }).WebTransport
}

/** Whether this browser, on this page, has WebTransport. */
export function hasWebTransport(): boolean {
  return constructorHere() !== undefined
}

/** A transport that dials; a factory for `createLibp2p({ transports })`. Where the browser has no WebTransport it dials nothing. */
export function webTransport(): (components: NoiseComponents & { readonly logger: ComponentLogger }) => Transport {
  return components => ({
    [transportSymbol]: true,
    [Symbol.toStringTag]: '@tsugi/webtransport',
    [serviceCapabilities]: ['@libp2p/transport'],
    listenFilter: () => [],
    dialFilter: addresses => (hasWebTransport() ? addresses.filter(canDial) : []),
    createListener(): Listener {
      throw new WebTransportError('webtransport/unavailable', 'Browsers cannot listen for WebTransport.')
    },
    dial: (address: Multiaddr, options: DialTransportOptions): Promise<Connection> =>
      dial(address, { components, options, maxStreams, unsentBytes, open }),
  })
}

async function open(url: string, sha256: Uint8Array[]): Promise<ReturnType<typeof webSession>> {
  const WebTransport = constructorHere()
  if (WebTransport === undefined) {
    throw new WebTransportError('webtransport/unavailable', 'This browser has no WebTransport on this page.')
  }
  const web = new WebTransport(url, {
    serverCertificateHashes: sha256.map(value => ({ algorithm: 'sha-256', value })),
  })
  web.closed.catch(() => {})
  await web.ready
  return webSession(web)
}
