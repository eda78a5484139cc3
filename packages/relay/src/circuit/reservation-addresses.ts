import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'

/** All addresses together; the message must stay within 4 KiB, voucher included. */
const maxAddressesBytes = 3_000

/**
 * The relay's addresses that the holder of a reservation can hand on: with the relay's peer id, dialable by somebody else. Left out are
 * wildcards, port 0, circuits, WebRTC-direct before its certificate is known, and loopback when the holder comes from elsewhere.
 */
export function reservationAddresses(
  addresses: readonly Multiaddr[],
  relayPeerId: string,
  holder: Multiaddr,
): Uint8Array[] {
  const isHolderLocal = isLoopback(hostOf(holder))
  const chosen: Uint8Array[] = []
  let bytes = 0
  for (const address of addresses) {
    if (!isDialable(address) || (!isHolderLocal && isLoopback(hostOf(address)))) continue
    const full = address.getComponents().some(each => each.name === 'p2p')
      ? address
      : address.encapsulate(multiaddr(`/p2p/${relayPeerId}`))
    bytes += full.bytes.byteLength + 4
    if (bytes > maxAddressesBytes) break
    chosen.push(full.bytes)
  }
  return chosen
}

function isDialable(address: Multiaddr): boolean {
  const components = address.getComponents()
  const names = new Set(components.map(each => each.name))
  if (names.has('p2p-circuit') || (names.has('webrtc-direct') && !names.has('certhash'))) return false
  if (components.some(each => (each.name === 'tcp' || each.name === 'udp') && each.value === '0')) return false
  const host = hostOf(address)
  return host !== undefined && host !== '0.0.0.0' && host !== '::'
}

function hostOf(address: Multiaddr): string | undefined {
  return address.getComponents().find(each => /^(ip[46]|dns[46]?|dnsaddr|memory)$/.test(each.name))?.value
}

function isLoopback(host: string | undefined): boolean {
  return host !== undefined && (host === '::1' || host === 'localhost' || host.startsWith('127.'))
}
