import type { Connection } from '@libp2p/interface'

import type { PeerBook } from './book/address-book.ts'
import type { MeshLinks } from './links/mesh-links.ts'
import type { PeerStats } from './peer.ts'
import type { RelayPool } from './relays/relay-pool.ts'

/** What {@link statsOf} counts. */
export interface CountedParts extends Pick<PeerStats, 'topics' | 'gossip' | 'tasks'> {
  readonly connections: readonly Connection[]
  readonly relays: Pick<RelayPool, 'list'>
  readonly links: Pick<MeshLinks, 'list'>
  readonly book: Pick<PeerBook, 'reading'>
  /** Entries of libp2p's own store. */
  readonly storedPeers: number
}

/** How much of everything a peer holds now. */
export function statsOf(parts: CountedParts): PeerStats {
  const { connections, topics, gossip, tasks, storedPeers } = parts
  const relays = parts.relays.list()
  const links = parts.links.list()
  const { logs: peers, ...book } = parts.book.reading()
  return {
    connections: connections.length,
    streams: connections.reduce((sum, { streams }) => sum + streams.length, 0),
    relays: { known: relays.length, reserved: relays.filter(({ state }) => state === 'reserved').length },
    links: {
      total: links.length,
      relayed: links.filter(({ kind }) => kind === 'relayed').length,
      direct: links.filter(({ kind }) => kind === 'direct').length,
    },
    topics,
    book: { peers, ...book, stored: storedPeers },
    gossip,
    tasks,
  }
}
