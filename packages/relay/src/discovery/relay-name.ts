import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { webSocketAddressOf } from '@tsugi/protocol'

import { RelayError } from '../relay-error.ts'

/** Another relay as its operator's colleague named it: where to dial, whom to expect, and where its description is. */
export interface RelayName {
  readonly text: string
  /** Set when it was named by URL: `/.well-known/tsugi.json` is read there. */
  readonly url?: URL
  /** Absent for a bare `/p2p/<peer id>`: then that relay has to come to us. */
  readonly address?: Multiaddr
  /** The peer id, when the name holds one. */
  readonly peer?: string
}

/**
 * Reads the name of a relay: an http(s) URL, a multiaddr, or `/p2p/<peer id>` for one that cannot be dialled from here.
 *
 * @throws RelayError `relay/invalid-config`
 */
export function parseRelayName(text: string): RelayName {
  try {
    if (!text.startsWith('/')) {
      const url = new URL(text)
      if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new TypeError('not http(s)')
      return { text, url, address: multiaddr(webSocketAddressOf(url)) }
    }
    const address = multiaddr(text)
    const peer = peerOf(address)
    const isBare = address.getComponents().length === 1 && peer !== undefined
    return { text, ...(!isBare && { address }), ...(peer !== undefined && { peer }) }
  } catch (cause) {
    throw new RelayError(
      'relay/invalid-config',
      `"${text}" names no relay: it takes an http(s) URL or a multiaddr.`,
      cause,
    )
  }
}

/** The peer that a multiaddr ends at. */
export function peerOf(address: Multiaddr): string | undefined {
  return address.getComponents().findLast(part => part.name === 'p2p')?.value
}

/** The host that a multiaddr begins with. */
export function hostOf(address: Multiaddr): string | undefined {
  const [first] = address.getComponents()
  return first !== undefined && /^(?:ip4|ip6|dns|dns4|dns6)$/.test(first.name) ? first.value : undefined
}
