import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { hostKind } from '@tsugi/protocol'

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
  return hop.relay !== undefined && hostKind(hop.host) === 'public'
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
  return { host: first.value, relay }
}
