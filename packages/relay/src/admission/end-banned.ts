import type { Connection } from '@libp2p/interface'

import { hostOf } from '../addresses/host-of.ts'
import type { BanBook } from './bans.ts'

/** What {@link endBanned} works with. */
export interface StandingParts {
  readonly connections: readonly Connection[]
  readonly bans: Pick<BanBook, 'ofPeer' | 'ofAddress'>
  /** Ends a peer's reservation and circuits. */
  readonly revoke: (peer: string, reason: 'banned') => void
}

/**
 * Ends what banned peers and addresses have open: their connections, and the reservation and circuits of those who have no other
 * connection. Who is banned by address and is also connected from elsewhere keeps what it has there.
 *
 * @returns how many connections were ended
 */
export function endBanned({ connections, bans, revoke }: StandingParts): number {
  const banned: Connection[] = []
  const served = new Set<string>()
  for (const connection of connections) {
    const peer = connection.remotePeer.toString()
    const ban = bans.ofPeer(peer) ?? bans.ofAddress(hostOf(connection.remoteAddr))
    if (ban === undefined) served.add(peer)
    else banned.push(connection)
  }
  for (const connection of banned) {
    const peer = connection.remotePeer.toString()
    // Before its connection goes, so that the reason is told and not merely that it left.
    if (!served.has(peer)) revoke(peer, 'banned')
    connection.abort(new Error('banned'))
  }
  return banned.length
}
