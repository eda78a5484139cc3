import { multiaddr } from '@multiformats/multiaddr'
import { type WellKnown, hostKind } from '@tsugi/protocol'

import { hostOf } from '../node/dial-policy.ts'
import type { RelaySource } from './relay-source.ts'

/**
 * Where to dial a relay, in steps: at the host that it was named by, by any transport, whoever answers there; then at the other addresses of
 * its description. Of the two together, one that claims another relay's identity could hold up the way to that one: what is dialled at
 * once for one identity is one dial. So the first step names none.
 *
 * @param isNamed - by the application. Of a relay that another one told us of, only its own host and public ones are dialled: it could
 *   name doors in the user's network.
 */
export function addressesToDial(source: RelaySource, described: WellKnown | undefined, isNamed: boolean): string[][] {
  if (source.kind === 'multiaddr') return [[source.address]]
  if (described === undefined) return [[source.ownAddress]]
  const ownHost = hostOf(source.ownAddress)
  const others = described.multiaddrs.filter(address => {
    // Only addresses of one peer may be dialled together.
    if (peerIdOf(address) !== described.peerId) return false
    const host = hostOf(address)
    return host !== undefined && (isNamed || host === ownHost || hostKind(host) === 'public')
  })
  const suffix = `/p2p/${described.peerId}`
  const atHost = others.filter(address => hostOf(address) === ownHost)
  const first = [source.ownAddress, ...atHost.map(address => address.slice(0, -suffix.length))]
  const then = others.filter(address => !atHost.includes(address))
  return [[...new Set(first)], [...new Set(then)]].filter(step => step.length > 0)
}

function peerIdOf(address: string): string | undefined {
  return multiaddr(address)
    .getComponents()
    .findLast(part => part.name === 'p2p')?.value
}
