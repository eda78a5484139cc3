import type { PeerId } from '@libp2p/interface'

import type { ArrivingMessage, GossipSubInside } from './gossip-inside.ts'

/** Called for each message before anything else is done with it; what is not kept is as if it had never arrived. */
export type MessageFilter = (from: PeerId, message: ArrivingMessage) => boolean

/** Each message passes `filter` before its signature is checked, and after the topics that came with it are known. */
export function filterMessages(inside: GossipSubInside, filter: MessageFilter): void {
  const handle = inside.handleReceivedRpc.bind(inside)
  inside.handleReceivedRpc = async (from, rpc) => {
    if (rpc.subscriptions.length > 0 && rpc.messages.length > 0) {
      await handle(from, { subscriptions: rpc.subscriptions, messages: [] })
      rpc.subscriptions = []
    }
    rpc.messages = rpc.messages.filter(message => filter(from, message))
    await handle(from, rpc)
  }
}
