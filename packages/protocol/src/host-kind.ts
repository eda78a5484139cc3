/**
 * Where a host stands: in the public network, in a private one, or on the machine itself. `special` is what nobody has a reason to
 * dial on another's word: link-local addresses with the clouds' metadata services among them, multicast, what is reserved.
 */
export type HostKind = 'public' | 'private' | 'loopback' | 'special'

const privateNames = /(?:^|\.)(?:local|internal|lan|home|arpa|test)$/i

/** Tells it from the text of an IPv4 or IPv6 address (RFC 6890), or of a name. Nothing is looked up: a public name may lead anywhere. */
export function hostKind(host: string): HostKind {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) return ip4Kind(host)
  if (host.includes(':')) return ip6Kind(host.toLowerCase())
  if (/(?:^|\.)localhost$/i.test(host)) return 'loopback'
  return host.includes('.') && !privateNames.test(host) ? 'public' : 'private'
}

function ip4Kind(host: string): HostKind {
  const [a = 0, b = 0] = host.split('.').map(Number)
  if (a === 127) return 'loopback'
  if (a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168)) return 'private'
  if (a === 100 && b >= 64 && b < 128) return 'private'
  const isSpecial = a === 0 || a >= 224 || (a === 169 && b === 254) || (a === 192 && b === 0)
  return isSpecial || (a === 198 && (b === 18 || b === 19)) ? 'special' : 'public'
}

function ip6Kind(host: string): HostKind {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(host)?.[1]
  if (mapped !== undefined) return ip4Kind(mapped)
  if (host === '::1') return 'loopback'
  if (/^f[cd]/.test(host)) return 'private'
  // Only 2000::/3 is public unicast; of that, the ranges that hold an IPv4 address inside are left out.
  const isPublic = /^[23][0-9a-f]{3}:/.test(host) && !/^(?:2002:|2001:0{0,3}:|2001:db8:)/.test(host)
  return isPublic ? 'public' : 'special'
}
