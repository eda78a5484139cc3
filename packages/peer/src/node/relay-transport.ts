import type { Multiaddr } from '@multiformats/multiaddr'

/** How a relay can be reached, in the order in which it is tried: few round trips first, the sure way next, the one that browsers may drop last. */
export const relayTransports = ['webtransport', 'websocket', 'webrtc-direct'] as const

/** A way to a relay. */
export type RelayTransport = (typeof relayTransports)[number]

/** The way that an address leads; `undefined` for one that is no way to a relay. */
export function transportOf(address: Multiaddr): RelayTransport | undefined {
  const names = new Set(address.getComponents().map(({ name }) => name))
  return relayTransports.find(each => (each === 'websocket' ? names.has('ws') || names.has('wss') : names.has(each)))
}
