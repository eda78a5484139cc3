import { multiaddr } from '@multiformats/multiaddr'
import { webSocketAddressOf } from '@tsugi/protocol'

import { PeerError } from '../peer-error.ts'

/** Where a relay is: a web origin that describes it, or addresses to dial at once. */
export type RelaySource =
  | { readonly kind: 'url'; readonly text: string; readonly url: URL; readonly ownAddress: string }
  | { readonly kind: 'multiaddr'; readonly text: string; readonly address: string }

const httpOf: Record<string, string> = { 'http:': 'http:', 'https:': 'https:', 'ws:': 'http:', 'wss:': 'https:' }

/**
 * Reads what a caller names a relay by: `https://relay.example`, `ws://192.168.1.5:8080`, or a multiaddr.
 *
 * @throws PeerError `relay/invalid-address`
 */
export function parseRelaySource(text: string): RelaySource {
  return text.startsWith('/') ? parseMultiaddr(text) : parseUrl(text)
}

function parseMultiaddr(text: string): RelaySource {
  try {
    return { kind: 'multiaddr', text, address: multiaddr(text).toString() }
  } catch (cause) {
    throw new PeerError('relay/invalid-address', `"${text}" is no multiaddr.`, { cause })
  }
}

function parseUrl(text: string): RelaySource {
  const parsed = URL.parse(text)
  const scheme = parsed === null ? undefined : httpOf[parsed.protocol]
  if (parsed === null || scheme === undefined || parsed.hostname === '') {
    throw new PeerError(
      'relay/invalid-address',
      `A relay is named by an http(s) or ws(s) URL or a multiaddr, not "${text}".`,
    )
  }
  const url = new URL(parsed.href.replace(/^[a-z]+:/, scheme))
  return { kind: 'url', text, url, ownAddress: webSocketAddressOf(url) }
}
