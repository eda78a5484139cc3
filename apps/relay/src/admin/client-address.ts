import type { IncomingMessage } from 'node:http'

import { addressKey, createAddressSet, remoteAddressOf } from '@tsugi/relay'

/** Where requests come from, as far as the proxies that an operator named can be believed. */
export interface ClientAddresses {
  /** The client's address as rate limits count it: an IPv6 /64 is one. */
  readonly of: (request: IncomingMessage) => string
  /** Whether a proxy that is trusted handed the request on. */
  readonly isProxied: (request: IncomingMessage) => boolean
}

/** @param trustProxy - addresses and prefixes of the proxies whose headers are believed */
export function createClientAddresses(trustProxy: readonly string[]): ClientAddresses {
  const trusted = createAddressSet(trustProxy)
  return {
    of: request => addressKey(remoteAddressOf(request, trusted)),
    isProxied: request => trusted.has(request.socket.remoteAddress ?? ''),
  }
}
