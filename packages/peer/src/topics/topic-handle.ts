import { BoundedQueue } from '@tsugi/bounded'
import { type PeerId, isAnnouncement } from '@tsugi/protocol'

import { PeerError } from '../peer-error.ts'
import type { JoinOptions, PublishOutcome, Topic, TopicMessage, TopicStats } from './topic.ts'

/** What a handle needs from the topic that it holds. */
export interface TopicHandlePorts {
  readonly id: string
  readonly name: string
  readonly maxMessageBytes: number
  readonly bufferSize: number
  peers(): PeerId[]
  publish(data: Uint8Array): Promise<PublishOutcome>
  leave(handle: TopicHandle): Promise<void>
  onSlow: NonNullable<ConstructorParameters<typeof BoundedQueue<TopicMessage>>[0]['onSlow']>
}

/** A reader that takes nothing for so long while messages wait does not keep up. */
const slowAfterMs = 30_000

/** The {@link Topic} that an application holds. */
export class TopicHandle implements Topic {
  readonly id: string
  readonly name: string
  readonly meet: boolean
  readonly #ports: TopicHandlePorts
  readonly #queue: BoundedQueue<TopicMessage>
  #published = 0
  #publishedBytes = 0
  #received = 0
  #receivedBytes = 0

  constructor(ports: TopicHandlePorts, options: JoinOptions) {
    this.id = ports.id
    this.name = ports.name
    this.meet = options.meet ?? true
    this.#ports = ports
    this.#queue = new BoundedQueue({
      capacity: options.bufferSize ?? ports.bufferSize,
      overflow: options.overflow ?? 'drop-oldest',
      slowAfterMs,
      onSlow: ports.onSlow,
      ...(options.mayDrop !== undefined && { mayDrop: options.mayDrop }),
    })
  }

  get isOpen(): boolean {
    return !this.#queue.isClosed
  }

  get peers(): PeerId[] {
    return this.isOpen ? this.#ports.peers() : []
  }

  get stats(): TopicStats {
    return {
      queue: this.#queue.stats,
      published: this.#published,
      publishedBytes: this.#publishedBytes,
      received: this.#received,
      receivedBytes: this.#receivedBytes,
    }
  }

  async publish(data: Uint8Array): Promise<PublishOutcome> {
    if (!this.isOpen) throw new PeerError('topic/left', `The topic "${this.name}" has been left.`)
    if (data.byteLength > this.#ports.maxMessageBytes) {
      throw new PeerError(
        'topic/message-too-large',
        `${data.byteLength} of at most ${this.#ports.maxMessageBytes} bytes.`,
      )
    }
    if (isAnnouncement(data)) {
      throw new PeerError('topic/reserved-prefix', 'The message begins with the bytes that mark an announcement.')
    }
    const outcome = await this.#ports.publish(data)
    this.#published += 1
    this.#publishedBytes += data.byteLength
    return outcome
  }

  deliver(message: TopicMessage): void {
    this.#received += 1
    this.#receivedBytes += message.data.byteLength
    this.#queue.push(message)
  }

  async leave(): Promise<void> {
    if (!this.isOpen) return
    this.close()
    await this.#ports.leave(this)
  }

  close(): void {
    this.#queue.close()
  }

  [Symbol.asyncIterator](): AsyncIterator<TopicMessage, undefined> {
    return this.#queue[Symbol.asyncIterator]()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.leave()
  }
}
