import type { GossipSub } from '@libp2p/gossipsub'
import type { Connection, PeerId, Stream } from '@libp2p/interface'

import { PeerError } from '../peer-error.ts'

/** The fields of a gossip message that are read before its signature is. */
export interface ArrivingMessage {
  readonly topic: string
  readonly data?: Uint8Array | undefined
}

/** A stream on which a peer is sent to, as gossipsub wraps it. */
interface OutboundStream {
  readonly rawStream: Stream
  close(): Promise<void>
}

/** What gossipsub 17 does inside and does not offer outside. */
export interface GossipSubInside extends GossipSub {
  handleReceivedRpc(from: PeerId, rpc: { messages: ArrivingMessage[] }): Promise<void>
  selectPeersToForward(topic: string, source?: string, exclude?: ReadonlySet<string>): Set<string>
  createOutboundStream(peer: PeerId, connection: Pick<Connection, 'newStream'>): Promise<void>
  handlePeerReadStreamError(error: Error, peer: PeerId): void
  readonly protocols: string[]
  readonly subscriptions: ReadonlySet<string>
  readonly topics: ReadonlyMap<string, ReadonlySet<string>>
  readonly peers: ReadonlyMap<string, PeerId>
  readonly streamsOutbound: Map<string, OutboundStream>
  readonly streamsInbound: ReadonlyMap<string, { readonly rawStream: Stream }>
  readonly mcache: { readonly size: number }
}

/**
 * Looks inside gossipsub.
 *
 * @throws PeerError `peer/start-failed` when this is another gossipsub than the one that this package was written against
 */
export function lookInside(service: GossipSub): GossipSubInside {
  const inside = service as GossipSubInside
  const isAsExpected =
    typeof inside.handleReceivedRpc === 'function' &&
    typeof inside.selectPeersToForward === 'function' &&
    typeof inside.createOutboundStream === 'function' &&
    typeof inside.handlePeerReadStreamError === 'function' &&
    Array.isArray(inside.protocols) &&
    inside.subscriptions instanceof Set &&
    inside.topics instanceof Map &&
    inside.peers instanceof Map &&
    inside.streamsOutbound instanceof Map &&
    inside.streamsInbound instanceof Map &&
    typeof inside.mcache.size === 'number'
  if (isAsExpected) return inside
  throw new PeerError(
    'peer/start-failed',
    '@libp2p/gossipsub is not the version that this package was written against.',
  )
}
