import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'

/** What the policy must know about the relays at hand. */
export interface KnownRelays {
  /** Whether we are connected to this peer as one of our relays. */
  isConnectedRelay(peerId: string): boolean
  /** The hosts (names or addresses) that the user, or a relay of the user's, told us to dial. */
  hasHost(host: string): boolean
}

/** The first host of a multiaddr, and the peer that stands before `/p2p-circuit`. */
interface FirstHop {
  readonly host: string
  readonly kind: string
  readonly relay: string | undefined
}

/**
 * Whether an address may be dialled. Addresses of our relays' hosts may, private and plain `ws://` ones too: the page's user chose
 * the relay, and it may stand in their living room. What strangers announce must lead through a relay that we hold already, through
 * a host that we know, or to a public host: otherwise a stranger could make this browser knock at doors in its user's network.
 */
export function mayDial(address: Multiaddr | string, relays: KnownRelays): boolean {
  const hop = firstHop(typeof address === 'string' ? multiaddr(address) : address)
  if (hop === undefined) return false
  if (hop.relay !== undefined && relays.isConnectedRelay(hop.relay)) return true
  if (relays.hasHost(hop.host)) return true
  return hop.relay !== undefined && isPublicHost(hop)
}

/** The host that an address begins with. */
export function hostOf(address: string): string | undefined {
  return firstHop(multiaddr(address))?.host
}

function firstHop(address: Multiaddr): FirstHop | undefined {
  const parts = address.getComponents()
  const first = parts[0]
  if (first?.value === undefined || !['ip4', 'ip6', 'dns', 'dns4', 'dns6'].includes(first.name)) return undefined
  const circuit = parts.findIndex(part => part.name === 'p2p-circuit')
  const relay = circuit === -1 ? undefined : parts.slice(0, circuit).findLast(part => part.name === 'p2p')?.value
  return { host: first.value, kind: first.name, relay }
}

function isPublicHost({ kind, host }: FirstHop): boolean {
  if (kind === 'ip4') return !isPrivateIp4(host)
  if (kind === 'ip6') return !isPrivateIp6(host)
  return host.includes('.') && !/(?:^|\.)(?:localhost|local|internal|lan|home|arpa|test)$/i.test(host)
}

function isPrivateIp4(host: string): boolean {
  const [a = 0, b = 0] = host.split('.').map(Number)
  if (a === 0 || a === 10 || a === 127 || a >= 224) return true
  if (a === 100) return b >= 64 && b < 128
  if (a === 169) return b === 254
  if (a === 172) return b >= 16 && b < 32
  if (a === 192) return b === 168 || b === 0
  return a === 198 && (b === 18 || b === 19)
}

function isPrivateIp6(host: string): boolean {
  const text = host.toLowerCase()
  // Only 2000::/3 is public unicast; of that, the ranges that hold an IPv4 address inside are left out.
  return (
    !/^[23][0-9a-f]{3}:/.test(text) ||
    text.startsWith('2002:') ||
    text.startsWith('2001:0:') ||
    text.startsWith('2001:db8:')
  )
}
