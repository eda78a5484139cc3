import type { GossipSub } from '@libp2p/gossipsub'
import type { Connection, PeerId, Stream } from '@libp2p/interface'

/** The fields of a gossip message that are read before its signature is. */
export interface ArrivingMessage {
  readonly topic: string
  readonly data?: Uint8Array | undefined
  /** The author's peer id as multihash bytes. */
  readonly from?: Uint8Array | undefined
}

/** The fields of an RPC that are read before gossipsub takes it in, or sends it. */
export interface Rpc {
  subscriptions: unknown[]
  messages: ArrivingMessage[]
}

/** A stream on which a peer is sent to, as gossipsub wraps it. */
interface OutboundStream {
  readonly rawStream: Stream
  close(): Promise<void>
}

/** What gossipsub 17 does inside and does not offer outside. */
export interface GossipSubInside extends GossipSub {
  handleReceivedRpc(from: PeerId, rpc: Rpc): Promise<void>
  selectPeersToForward(topic: string, source?: string, exclude?: ReadonlySet<string>): Set<string>
  sendRpc(peer: string, rpc: Rpc): boolean
  sendSubscriptions(peer: string, topics: string[], subscribe: boolean): void
  createOutboundStream(peer: PeerId, connection: Pick<Connection, 'newStream'>): Promise<void>
  pipePeerReadStream(peer: PeerId, source: AsyncIterable<unknown>): Promise<void>
  readonly protocols: string[]
  readonly subscriptions: ReadonlySet<string>
  readonly topics: ReadonlyMap<string, ReadonlySet<string>>
  readonly peers: ReadonlyMap<string, PeerId>
  readonly streamsOutbound: Map<string, OutboundStream>
  readonly streamsInbound: ReadonlyMap<string, { readonly rawStream: Stream }>
  /** What each peer's topics count against `maxTopicBytesPerPeer`. */
  readonly peerTopicBytes: Map<string, number>
  readonly mcache: { readonly size: number }
}

/** Looks inside gossipsub; `undefined` when it is another one than this package was written against. */
export function lookInside(service: GossipSub): GossipSubInside | undefined {
  const inside = service as GossipSubInside
  const isAsExpected =
    typeof inside.handleReceivedRpc === 'function' &&
    typeof inside.selectPeersToForward === 'function' &&
    typeof inside.sendRpc === 'function' &&
    typeof inside.sendSubscriptions === 'function' &&
    typeof inside.createOutboundStream === 'function' &&
    typeof inside.pipePeerReadStream === 'function' &&
    Array.isArray(inside.protocols) &&
    inside.subscriptions instanceof Set &&
    inside.topics instanceof Map &&
    inside.peers instanceof Map &&
    inside.streamsOutbound instanceof Map &&
    inside.streamsInbound instanceof Map &&
    inside.peerTopicBytes instanceof Map &&
    typeof inside.mcache.size === 'number'
  return isAsExpected ? inside : undefined
}
