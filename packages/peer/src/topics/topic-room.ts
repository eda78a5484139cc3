import type { BoundedQueueStats, SlowReason, TaskGroup } from '@tsugi/bounded'
import { type PeerId, isAnnouncement } from '@tsugi/protocol'

import { Presence } from './presence.ts'
import { TopicHandle } from './topic-handle.ts'
import { TopicReader } from './topic-reader.ts'
import type { JoinOptions, PublishOutcome, TopicMessage } from './topic.ts'

/** What a topic needs. */
export interface TopicRoomOptions {
  readonly self: PeerId
  readonly name: string
  readonly tasks: TaskGroup
  readonly maxMessageBytes: number
  readonly bufferSize: number
  readonly maxPeers: number
  readonly addresses: () => string[]
  readonly publish: (data: Uint8Array) => Promise<PublishOutcome>
  readonly onHere: (peer: PeerId, addresses: readonly string[]) => void
  readonly onReturn: (peer: PeerId) => void
  readonly onPeers: (room: TopicRoom, joined: PeerId[], left: PeerId[]) => void
  readonly onSlow: (handle: string, reason: SlowReason, stats: BoundedQueueStats) => void
  readonly onEmpty: (room: TopicRoom) => Promise<void>
}

/** One topic of the overlay, with all handles on it. */
export class TopicRoom {
  readonly name: string
  readonly presence: Presence
  readonly #options: TopicRoomOptions
  readonly #readers = new Set<TopicReader>()

  constructor(options: TopicRoomOptions) {
    this.name = options.name
    this.#options = options
    this.presence = new Presence({
      self: options.self,
      tasks: options.tasks,
      capacity: options.maxPeers,
      addresses: options.addresses,
      publish: options.publish,
      onHere: options.onHere,
      onReturn: options.onReturn,
      onChange: (joined, left) => options.onPeers(this, joined, left),
    })
  }

  get readers(): readonly TopicReader[] {
    return [...this.#readers]
  }

  /** Whether we take part, or only listen. */
  get isMeeting(): boolean {
    return this.readers.some(reader => reader.meet)
  }

  open(id: string, options: JoinOptions): { readonly handle: TopicHandle; readonly reader: TopicReader } {
    const { maxMessageBytes, bufferSize, publish, onSlow } = this.#options
    const reader = new TopicReader({ id, bufferSize, onSlow: (reason, stats) => onSlow(id, reason, stats) }, options)
    const handle = new TopicHandle(reader, {
      name: this.name,
      maxMessageBytes,
      publish,
      peers: () => this.presence.peers(),
      leave: left => this.leave(left),
    })
    this.#readers.add(reader)
    if (reader.meet) this.presence.speak()
    return { handle, reader }
  }

  /** Whether anybody here wants a message; only then is it kept and handed on. */
  wants(message: TopicMessage): boolean {
    return isAnnouncement(message.data) || this.readers.some(reader => reader.wants(message))
  }

  receive(message: TopicMessage): void {
    if (isAnnouncement(message.data)) this.presence.hear(message.from, message.data)
    else for (const reader of this.#readers) reader.deliver(message)
  }

  /** Ends one handle; safe to repeat. */
  async leave(reader: TopicReader): Promise<void> {
    if (!this.#readers.delete(reader)) return
    reader.close()
    if (reader.meet && !this.isMeeting) await this.presence.sayBye()
    if (this.#readers.size === 0) await this.#options.onEmpty(this)
  }

  /** Ends every handle without a word to anybody. */
  close(): void {
    for (const reader of this.#readers) reader.close()
    this.#readers.clear()
    this.presence.clear()
  }
}
