import type { GossipSubInside } from './gossip-inside.ts'

/** Answers for one subscriber after another of a message whether it is to have it. */
export type Turn = (subscriber: string) => boolean

const everybody: Turn = () => true

/**
 * A message goes to every subscriber of its topic that we have a stream to, in the mesh or not. Gossipsub forwards along its mesh only,
 * and keeps whoever left a topic out of it for 10 s or more: a player who reloads the page would hear nothing for so long.
 *
 * @param turnFor - asked once a message, when some are to be passed over; `source` is who sent it here, if it was not made here
 */
export function reachEverySubscriber(inside: GossipSubInside, turnFor?: (source?: string) => Turn): void {
  inside.selectPeersToForward = (topic, source, exclude) => {
    const isWanted = turnFor?.(source) ?? everybody
    const receivers = new Set<string>()
    for (const peer of inside.topics.get(topic) ?? []) {
      if (peer === source || exclude?.has(peer) === true || !inside.streamsOutbound.has(peer)) continue
      if (isWanted(peer)) receivers.add(peer)
    }
    return receivers
  }
}
