import type { BoundedQueueStats, SlowReason, TaskGroup } from '@tsugi/bounded'
import { type PeerId, isAnnouncement } from '@tsugi/protocol'

import { Presence } from './presence.ts'
import { TopicHandle } from './topic-handle.ts'
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
  readonly onPeers: (room: TopicRoom, joined: PeerId[], left: PeerId[]) => void
  readonly onSlow: (handle: TopicHandle, reason: SlowReason, stats: BoundedQueueStats) => void
  readonly onEmpty: (room: TopicRoom) => Promise<void>
}

/** One topic of the overlay, with all handles on it. */
export class TopicRoom {
  readonly name: string
  readonly presence: Presence
  readonly #options: TopicRoomOptions
  readonly #handles = new Set<TopicHandle>()

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
      onChange: (joined, left) => options.onPeers(this, joined, left),
    })
  }

  get handles(): readonly TopicHandle[] {
    return [...this.#handles]
  }

  /** Whether we take part, or only listen. */
  get isMeeting(): boolean {
    return this.handles.some(handle => handle.meet)
  }

  open(id: string, options: JoinOptions): TopicHandle {
    const handle: TopicHandle = new TopicHandle(
      {
        id,
        name: this.name,
        maxMessageBytes: this.#options.maxMessageBytes,
        bufferSize: this.#options.bufferSize,
        peers: () => this.presence.peers(),
        publish: this.#options.publish,
        leave: left => this.#left(left),
        onSlow: (reason, stats) => this.#options.onSlow(handle, reason, stats),
      },
      options,
    )
    this.#handles.add(handle)
    if (handle.meet) this.presence.speak()
    return handle
  }

  receive(message: TopicMessage): void {
    if (isAnnouncement(message.data)) this.presence.hear(message.from, message.data)
    else for (const handle of this.#handles) handle.deliver(message)
  }

  /** Ends every handle without a word to anybody. */
  close(): void {
    for (const handle of this.#handles) handle.close()
    this.#handles.clear()
    this.presence.clear()
  }

  async #left(handle: TopicHandle): Promise<void> {
    const wasMeeting = handle.meet
    this.#handles.delete(handle)
    if (wasMeeting && !this.isMeeting) await this.presence.sayBye()
    if (this.#handles.size === 0) await this.#options.onEmpty(this)
  }
}
