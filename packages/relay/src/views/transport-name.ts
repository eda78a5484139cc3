import type { Multiaddr } from '@multiformats/multiaddr'

/** How a peer is connected. */
export type TransportName = 'websocket' | 'webrtc-direct' | 'webtransport' | 'other'

/** The transport that an address of a connection's far end speaks of. */
export function transportOf(address: Multiaddr): TransportName {
  const names = new Set(address.getComponents().map(each => each.name))
  if (names.has('webrtc-direct')) return 'webrtc-direct'
  if (names.has('webtransport')) return 'webtransport'
  return names.has('ws') || names.has('wss') ? 'websocket' : 'other'
}
