import { type MatchTransport, type RecordKeeper, type TransportListener } from './session-ports.ts'

/** What of a topic (`peer.topics.join(…)`) a match needs. */
export interface TopicLike {
  readonly peers: readonly string[]
  publish(bytes: Uint8Array): Promise<unknown>
  [Symbol.asyncIterator](): AsyncIterator<{ readonly from: string; readonly data: Uint8Array }>
}

/**
 * Makes a transport of a topic. The topic stays its owner's: leaving it is not done here.
 *
 * @param onPeersChange - registers a callback for changes of `topic.peers`, and answers how to stop
 * @param reach - how to learn that a way to the others stands, for the first time or again, so that what was lost meanwhile is told again at once (`relay:change`
 * to `reserved`, and `link:change`); and who keeps records for players who are away (`peer.records`)
 */
export function topicTransport(
  peer: string,
  topic: TopicLike,
  onPeersChange: (changed: () => void) => () => void,
  reach?: { readonly keeper?: RecordKeeper; readonly onReach: (reached: () => void) => () => void },
): MatchTransport {
  return {
    peer,
    ...(reach?.keeper === undefined ? {} : { keeper: reach.keeper }),
    publish: bytes => topic.publish(bytes),
    listen(listener) {
      let isListening = true
      const stopPeers = onPeersChange(() => listener.onPeers([...topic.peers]))
      const stopReach = reach?.onReach(() => {
        listener.onConnected?.(true)
        listener.onKeeper?.()
      })
      listener.onPeers([...topic.peers])
      void pump(topic, listener, () => isListening)
      return () => {
        isListening = false
        stopPeers()
        stopReach?.()
      }
    },
  }
}

/** Ends when the topic is left. */
async function pump(topic: TopicLike, listener: TransportListener, isListening: () => boolean): Promise<void> {
  const messages = topic[Symbol.asyncIterator]()
  for (;;) {
    const next = await messages.next()
    if (next.done === true || !isListening()) return
    listener.onMessage(next.value.from, next.value.data)
  }
}
