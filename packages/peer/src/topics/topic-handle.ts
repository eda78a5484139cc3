import { type PeerId, isAnnouncement } from '@tsugi/protocol'

import { PeerError } from '../peer-error.ts'
import type { TopicReader } from './topic-reader.ts'
import type { PublishOutcome, Topic, TopicMessage, TopicStats } from './topic.ts'

/** What a handle needs from the topic that it holds. */
export interface TopicHandlePorts {
  readonly name: string
  readonly maxMessageBytes: number
  peers(): PeerId[]
  publish(data: Uint8Array): Promise<PublishOutcome>
  leave(reader: TopicReader): Promise<void>
}

/** The {@link Topic} that an application holds. Nothing of ours holds it: when the application drops it, its topic is left. */
export class TopicHandle implements Topic {
  readonly id: string
  readonly name: string
  readonly #reader: TopicReader
  readonly #ports: TopicHandlePorts

  constructor(reader: TopicReader, ports: TopicHandlePorts) {
    this.id = reader.id
    this.name = ports.name
    this.#reader = reader
    this.#ports = ports
  }

  get isOpen(): boolean {
    return this.#reader.isOpen
  }

  get peers(): PeerId[] {
    return this.isOpen ? this.#ports.peers() : []
  }

  get stats(): TopicStats {
    return this.#reader.stats
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
    this.#reader.published(data.byteLength)
    return outcome
  }

  leave(): Promise<void> {
    return this.#ports.leave(this.#reader)
  }

  [Symbol.asyncIterator](): AsyncIterator<TopicMessage, undefined> {
    return this.#reader.iterate(this)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.leave()
  }
}
