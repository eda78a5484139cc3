import type { GossipsubOpts } from '@libp2p/gossipsub'
import type { Limits } from '@tsugi/protocol'

import type { FrameRoom } from './send-in-parts.ts'

/** What protobuf, signature, key and topic put around one message. */
const framingBytes = 1_024
/** Messages of the greatest size that one frame may hold. */
const greatMessages = 4

type FrameLimits = Pick<Limits, 'gameMessageBytes' | 'circuitBufferBytes'>

/** A longer frame ends the stream. */
function maxFrameBytes({ gameMessageBytes }: Pick<Limits, 'gameMessageBytes'>): number {
  return Math.min(greatMessages * (gameMessageBytes + framingBytes), 4 * 1_024 * 1_024)
}

/** What we put into a frame: less than it may hold, because gossipsub adds what it has to say besides. */
export function frameRoom(limits: Pick<Limits, 'gameMessageBytes'>): FrameRoom {
  return { messages: rpcLimits.maxMessages / 2, bytes: maxFrameBytes(limits) / 2, framingBytes }
}

/** What a frame may hold, whoever it comes from. */
const rpcLimits = {
  maxSubscriptions: 1_000,
  maxMessages: 256,
  maxIhaveMessageIDs: 1_000,
  maxIwantMessageIDs: 1_000,
  maxIdontwantMessageIDs: 512,
  maxControlMessages: 256,
  maxPeerInfos: 0,
}

/** Options that peers and relays agree on; gossipsub's own defaults set no ceilings. */
export function commonOptions(limits: FrameLimits) {
  return {
    // Floodsub peers get messages of topics that nobody checked.
    fallbackToFloodsub: false,
    doPX: false,
    // Tags would be written to the peer store for each topic of each peer.
    tagMeshPeers: false,
    emitSelf: false,
    maxInboundDataLength: maxFrameBytes(limits),
    maxOutboundBufferSize: Math.min(limits.circuitBufferBytes, 16 * 1_024 * 1_024),
    decodeRpcLimits: rpcLimits,
    // Rates are limited by counting, per peer. Scores would punish who shares an address with many, or leaves and rejoins.
    scoreParams: { IPColocationFactorWeight: 0, behaviourPenaltyWeight: 0, appSpecificWeight: 0, topics: {} },
  } satisfies Partial<GossipsubOpts>
}
