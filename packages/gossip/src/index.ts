/**
 * What Tsugi changes in gossipsub 17, for peers and relays alike. Each function changes one behaviour of one service; who changes which
 * stands in `packages/peer/src/node/gossip-service.ts` and `packages/relay/src/gossip/gossip-service.ts`.
 *
 * @packageDocumentation
 */
export { commonOptions, frameRoom } from './common-options.ts'
export { filterMessages, type MessageFilter } from './filter-messages.ts'
export { type ArrivingMessage, type GossipSubInside, type Rpc, lookInside } from './gossip-inside.ts'
export { OutboundStreams, type OutboundStreamsOptions } from './outbound-streams.ts'
export { endBrokenStreams } from './end-broken-streams.ts'
export { type FrameRoom, sendInParts } from './send-in-parts.ts'
export { reachEverySubscriber, type Turn } from './reach-every-subscriber.ts'
