import { TokenBucket } from '@tsugi/bounded'
import type { ArrivingMessage } from '@tsugi/gossip'
import type { Limits } from '@tsugi/protocol'

/** Why a message was not looked at. */
export type MessageRefusal = 'message/too-large' | 'message/rate' | 'message/forward-rate' | 'message/unknown-topic'

/** What {@link MessageGate} wants to know. */
export interface MessageGateOptions {
  readonly limits: Pick<
    Limits,
    'gameMessageBytes' | 'peerMessagesPerSecond' | 'peerMessageBurst' | 'gamePeers' | 'fellowMessagesPerSecond'
  >
  /** Whether the relay is on the topic. */
  readonly hasTopic: (topic: string) => boolean
  /** Whether a sender is a fellow relay: what it forwards is said by its guests. */
  readonly isRelay?: (sender: string) => boolean
  readonly now?: () => number
}

/**
 * Decides about a message by topic, size and rate, before its signature costs anything.
 *
 * A peer's own messages and those that it forwards have separate allowances: players who are linked directly forward each
 * other's messages to the relay, and must not be silenced by that. Nothing is lost when a forwarded message is dropped whose
 * author is connected here, because the author has sent it here too. A fellow relay speaks for all of its guests, and has an
 * allowance for that.
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
    const { peerMessagesPerSecond: perSecond, peerMessageBurst: burst } = limits
    if (isSame(message.from, senderBytes)) {
      return this.#bucket(this.#own, sender, perSecond, burst).tryTake() ? undefined : 'message/rate'
    }
    const many = Math.max(1, limits.gamePeers - 1)
    const forwarded =
      this.#options.isRelay?.(sender) === true
        ? this.#bucket(this.#forwarded, sender, limits.fellowMessagesPerSecond, limits.fellowMessagesPerSecond * 2)
        : this.#bucket(this.#forwarded, sender, perSecond * many, burst * many)
    return forwarded.tryTake() ? undefined : 'message/forward-rate'
  }

  /** The sender is gone. */
  forget(sender: string): void {
    this.#own.delete(sender)
    this.#forwarded.delete(sender)
  }

  #bucket(buckets: Map<string, TokenBucket>, sender: string, refillPerSecond: number, capacity: number): TokenBucket {
    const existing = buckets.get(sender)
    if (existing !== undefined) return existing
    const { now } = this.#options
    const bucket = new TokenBucket({
      capacity,
      refillPerSecond,
      ...(now === undefined ? {} : { now }),
    })
    buckets.set(sender, bucket)
    return bucket
  }
}

function isSame(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one !== undefined && one.length === other.length && one.every((byte, index) => byte === other[index])
}
