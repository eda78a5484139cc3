// Stands in for @chainsafe/netmask: libp2p parses lists of allowed and denied address blocks with it, and a page has none.

export function IpNet(): never {
  throw new Error('This page has no lists of address blocks.')
}

/** libp2p asks for 2000::/3 only: the addresses of the public IPv6 internet. */
export function cidrContains(_block: string, ip: string): boolean {
  return /^[23]\w{3}:/.test(ip)
}
