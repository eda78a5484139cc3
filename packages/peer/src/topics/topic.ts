import type { BoundedQueueStats, OverflowPolicy } from '@tsugi/bounded'
import type { PeerId } from '@tsugi/protocol'

/** A message that somebody published on a topic. */
export interface TopicMessage {
  /** Who signed it. */
  readonly from: PeerId
  readonly data: Uint8Array
  /** Milliseconds since 1970, by this machine's clock. */
  readonly receivedAt: number
}

/** How a topic is joined. */
export interface JoinOptions {
  /** Announce ourselves and link to the others directly. Default `true`. */
  readonly meet?: boolean
  /** Messages that wait for this handle's reader. At most the limit `queueLength`; default `gameEventBuffer`. */
  readonly bufferSize?: number
  /**
   * What leaves when the buffer is full. Default `drop-oldest`. With `wait` as many messages again wait in order for room; what comes
   * after that is dropped.
   */
  readonly overflow?: OverflowPolicy
  /** Which messages may be dropped with `drop-oldest`; records may not, presence may. Default: all. */
  readonly mayDrop?: (message: TopicMessage) => boolean
  /**
   * Whether this handle wants a message, asked before anything of it is kept. A message that no handle on the topic wants is not handed
   * on to others either. Called more than once for a message; must be quick, and must not throw. Default: all.
   */
  readonly accept?: (message: TopicMessage) => boolean
}

/** A topic's figures. */
export interface TopicStats {
  readonly queue: BoundedQueueStats
  /** Messages that came before the first read, and wait for it. */
  readonly held: number
  readonly published: number
  readonly publishedBytes: number
  readonly received: number
  readonly receivedBytes: number
  /** Messages that this handle did not want. */
  readonly refused: number
}

/** A joined topic as it stands now. */
export interface TopicView {
  readonly name: string
  /** Who has announced itself there, except us. */
  readonly peers: readonly PeerId[]
  readonly handles: readonly { readonly id: string; readonly stats: TopicStats }[]
}

/** What became of a published message. */
export interface PublishOutcome {
  /** How many neighbours it was handed to, relays included; 0 when nobody is there. */
  readonly recipients: number
}

/**
 * One reader's hold on a topic. Several handles on one topic each get every message; the topic is left when the last one is.
 * Iterate to read. What arrives before is held, so nothing is missed; leaving a `for await` early keeps the handle for a while: it is
 * left when nobody reads or publishes for five minutes, and when the application has dropped it.
 */
export interface Topic extends AsyncIterable<TopicMessage>, AsyncDisposable {
  /** This handle's id, unique in its peer. */
  readonly id: string
  readonly name: string
  readonly isOpen: boolean
  /** Who is on the topic and has announced itself, except us. */
  readonly peers: PeerId[]
  readonly stats: TopicStats
  /**
   * Sends to everybody on the topic. An empty topic is no error. There is no receipt: what must arrive is asked for again.
   *
   * @throws PeerError `topic/left`, `topic/message-too-large`, `topic/reserved-prefix`
   */
  publish(data: Uint8Array): Promise<PublishOutcome>
  /** Ends this handle; safe to repeat. What is queued can still be read, then iteration ends. */
  leave(): Promise<void>
}

/** Joining topics. */
export interface Topics {
  /**
   * Joins a topic. Resolves when a neighbour on it is known, so that the first message is not lost, or after a second.
   *
   * @param name - 1 to 128 printable ASCII characters without spaces
   * @throws PeerError `topic/invalid-name`, `topic/too-many`, `peer/invalid-option`, `peer/stopped`
   */
  join(name: string, options?: JoinOptions): Promise<Topic>
  /** The names of the joined topics. */
  list(): string[]
  /** Each joined topic as it stands now. */
  views(): TopicView[]
}
