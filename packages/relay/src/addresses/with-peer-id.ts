import type { PeerId } from '@libp2p/interface'
import { CODE_P2P, type Component, type Multiaddr, multiaddr } from '@multiformats/multiaddr'

/**
 * An address with a peer's id at its end, unless it has one. Made for addresses that are kept for long: each part is an object without spare room, and
 * each text is whole, where a parsed one holds on to every character that it was put together from.
 */
export function withPeerId(address: Multiaddr, peer: PeerId): Multiaddr {
  const parts = address.getComponents()
  if (parts.some(part => part.code === CODE_P2P)) return address
  return multiaddr([...parts.map(lean), { code: CODE_P2P, name: 'p2p', value: peer.toString() }])
}

function lean({ code, name, value }: Component): Component {
  return value === undefined ? { code, name } : { code, name, value: Buffer.from(value).toString() }
}
