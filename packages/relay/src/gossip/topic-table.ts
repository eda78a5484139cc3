/** Why a guest's topic was not joined. */
export type TopicRefusal = 'topic/app' | 'topic/name-too-long' | 'topic/peer-limit' | 'topic/relay-limit'

/** What changed for the relay: nothing, it must join the topic, or it must leave it. */
export type TopicChange = 'none' | 'join' | 'leave'

/** What {@link TopicTable} wants to know. */
export interface TopicTableOptions {
  /** Topics of all guests together. */
  readonly maxTopics: number
  /** Topics of one guest. */
  readonly maxTopicsPerPeer: number
  /** UTF-16 units of a topic's name; longer ones are not joined. */
  readonly maxNameLength: number
  /** Whether topics of this kind are served here. */
  readonly isServed: (topic: string) => boolean
}

/**
 * Which guests are on which topic. The relay is on a topic as long as a guest is: it joins with the first and leaves with the
 * last. Pure bookkeeping; the caller acts on the answers.
 */
export class TopicTable {
  readonly #options: TopicTableOptions
  readonly #guestsByTopic = new Map<string, Set<string>>()
  readonly #topicsByGuest = new Map<string, Set<string>>()

  constructor(options: TopicTableOptions) {
    this.#options = options
  }

  /** Topics that the relay is on. */
  get size(): number {
    return this.#guestsByTopic.size
  }

  topics(): IterableIterator<string> {
    return this.#guestsByTopic.keys()
  }

  has(topic: string): boolean {
    return this.#guestsByTopic.has(topic)
  }

  guests(topic: string): ReadonlySet<string> {
    return this.#guestsByTopic.get(topic) ?? new Set()
  }

  hasGuest(guest: string): boolean {
    return this.#topicsByGuest.has(guest)
  }

  /** Everybody who is on a topic. */
  allGuests(): IterableIterator<string> {
    return this.#topicsByGuest.keys()
  }

  /** A guest announces a topic. */
  add(guest: string, topic: string): { change: TopicChange } | { refused: TopicRefusal } {
    const guests = this.#guestsByTopic.get(topic)
    if (guests?.has(guest) === true) return { change: 'none' }
    if (topic.length > this.#options.maxNameLength) return { refused: 'topic/name-too-long' }
    if (!this.#options.isServed(topic)) return { refused: 'topic/app' }
    const topics = this.#topicsByGuest.get(guest) ?? new Set()
    if (topics.size >= this.#options.maxTopicsPerPeer) return { refused: 'topic/peer-limit' }
    if (guests === undefined && this.#guestsByTopic.size >= this.#options.maxTopics)
      return { refused: 'topic/relay-limit' }
    this.#topicsByGuest.set(guest, topics.add(topic))
    if (guests === undefined) this.#guestsByTopic.set(topic, new Set([guest]))
    else guests.add(guest)
    return { change: guests === undefined ? 'join' : 'none' }
  }

  /** A guest leaves a topic. */
  remove(guest: string, topic: string): TopicChange {
    const guests = this.#guestsByTopic.get(topic)
    if (guests?.delete(guest) !== true) return 'none'
    const topics = this.#topicsByGuest.get(guest)
    topics?.delete(topic)
    if (topics?.size === 0) this.#topicsByGuest.delete(guest)
    if (guests.size > 0) return 'none'
    this.#guestsByTopic.delete(topic)
    return 'leave'
  }

  /** A guest is gone; answers the topics that the relay must leave. */
  removeGuest(guest: string): string[] {
    return [...(this.#topicsByGuest.get(guest) ?? [])].filter(topic => this.remove(guest, topic) === 'leave')
  }
}
