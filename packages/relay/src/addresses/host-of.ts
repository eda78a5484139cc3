import { tryGetNetConfig } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The IP address or name in a multiaddr; the multiaddr itself when it has neither. */
export function hostOf(address: Multiaddr): string {
  return tryGetNetConfig(address)?.host ?? address.toString()
}
