import { TokenBucket } from '@tsugi/bounded'
import type { Limits } from '@tsugi/protocol'

/** Why a message was not looked at. */
export type MessageRefusal = 'message/too-large' | 'message/rate' | 'message/forward-rate' | 'message/unknown-topic'

/** The fields of a gossip message that are read before its signature is. */
export interface ArrivingMessage {
  readonly topic: string
  readonly data?: Uint8Array | undefined
  /** The author's peer id as multihash bytes. */
  readonly from?: Uint8Array | undefined
}

/** What {@link MessageGate} wants to know. */
export interface MessageGateOptions {
  readonly limits: Pick<Limits, 'gameMessageBytes' | 'peerMessagesPerSecond' | 'peerMessageBurst' | 'gamePeers'>
  /** Whether the relay is on the topic. */
  readonly hasTopic: (topic: string) => boolean
  readonly now?: () => number
}

/**
 * Decides about a message by topic, size and rate, before its signature costs anything.
 *
 * A peer's own messages and those that it forwards have separate allowances: players who are linked directly forward each
 * other's messages to the relay, and must not be silenced by that. Nothing is lost when a forwarded message is dropped whose
 * author is connected here, because the author has sent it here too.
 */
export class MessageGate {
  readonly #options: MessageGateOptions
  readonly #own = new Map<string, TokenBucket>()
  readonly #forwarded = new Map<string, TokenBucket>()

  constructor(options: MessageGateOptions) {
    this.#options = options
  }

  /** @param senderBytes - the sender's peer id as multihash bytes, to tell own messages from forwarded ones */
  check(sender: string, senderBytes: Uint8Array, message: ArrivingMessage): MessageRefusal | undefined {
    const { limits } = this.#options
    if (!this.#options.hasTopic(message.topic)) return 'message/unknown-topic'
    if ((message.data?.byteLength ?? 0) > limits.gameMessageBytes) return 'message/too-large'
    if (isSame(message.from, senderBytes)) {
      return this.#bucket(this.#own, sender, 1).tryTake() ? undefined : 'message/rate'
    }
    return this.#bucket(this.#forwarded, sender, Math.max(1, limits.gamePeers - 1)).tryTake()
      ? undefined
      : 'message/forward-rate'
  }

  /** The sender is gone. */
  forget(sender: string): void {
    this.#own.delete(sender)
    this.#forwarded.delete(sender)
  }

  #bucket(buckets: Map<string, TokenBucket>, sender: string, factor: number): TokenBucket {
    const existing = buckets.get(sender)
    if (existing !== undefined) return existing
    const { limits, now } = this.#options
    const bucket = new TokenBucket({
      capacity: limits.peerMessageBurst * factor,
      refillPerSecond: limits.peerMessagesPerSecond * factor,
      ...(now === undefined ? {} : { now }),
    })
    buckets.set(sender, bucket)
    return bucket
  }
}

function isSame(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one !== undefined && one.length === other.length && one.every((byte, index) => byte === other[index])
}
