import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

import { type AddressSet, normalizeAddress } from '../addresses/address-prefix.ts'

/**
 * The address of whoever is at the other end of a request. `X-Forwarded-For` is believed only as far as trusted proxies wrote
 * it: the list is read from the right, trusted proxies are skipped, and the first address that is none of them is the client.
 * Anything that is not an address ends the reading there, because whoever wrote it cannot be trusted further.
 *
 * @param trusted - the proxies whose header is believed
 */
export function remoteAddressOf(request: Pick<IncomingMessage, 'headers' | 'socket'>, trusted: AddressSet): string {
  let address = normalizeAddress(request.socket.remoteAddress ?? '0.0.0.0')
  if (!trusted.has(address)) return address
  const header = request.headers['x-forwarded-for']
  const hops = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',')
  for (const hop of hops.toReversed()) {
    const next = parseHop(hop.trim())
    if (next === undefined) return address
    address = next
    if (!trusted.has(address)) return address
  }
  return address
}

/** `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]:4711`; some proxies add the port. */
function parseHop(text: string): string | undefined {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1]
  const withPort = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1]
  const address = normalizeAddress(bracketed ?? withPort ?? text)
  return isIP(address) === 0 ? undefined : address
}
