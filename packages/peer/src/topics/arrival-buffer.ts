import type { PeerId } from '@tsugi/protocol'

import type { TopicMessage } from './topic.ts'

/** What {@link ArrivalBuffer} wants to know. */
export interface ArrivalBufferOptions {
  /** Messages held at most, everybody's together. */
  readonly capacity: number
  /** Which messages may be dropped when it is full. Default: all. */
  readonly mayDrop?: ((message: TopicMessage) => boolean) | undefined
}

/**
 * Holds what arrives on a topic before its reader begins to read. When it is full, the peer with the most messages loses its oldest, so
 * that nobody can push out what others sent. It is drained once, and holds nothing afterwards. [C3]
 */
export class ArrivalBuffer {
  readonly #options: ArrivalBufferOptions
  #messages: TopicMessage[] = []
  readonly #perPeer = new Map<PeerId, number>()

  constructor(options: ArrivalBufferOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#messages.length
  }

  /** How many peers' messages are held. */
  get peers(): number {
    return this.#perPeer.size
  }

  /** Holds a message; answers `false` when one, this one perhaps, had to be dropped. */
  push(message: TopicMessage): boolean {
    this.#messages.push(message)
    this.#count(message.from, 1)
    if (this.#messages.length <= this.#options.capacity) return true
    this.#dropOne()
    return false
  }

  /** Hands everything over, in the order in which it came. */
  drain(): TopicMessage[] {
    const messages = this.#messages
    this.#messages = []
    this.#perPeer.clear()
    return messages
  }

  #dropOne(): void {
    const mayDrop = this.#options.mayDrop ?? ((): boolean => true)
    const [loudest] = [...this.#perPeer].reduce((most, next) => (next[1] > most[1] ? next : most))
    const ofLoudest = this.#messages.findIndex(message => message.from === loudest && mayDrop(message))
    const ofAnybody = ofLoudest === -1 ? this.#messages.findIndex(message => mayDrop(message)) : ofLoudest
    // Where nothing may be dropped, the newest finds no room.
    const at = ofAnybody === -1 ? this.#messages.length - 1 : ofAnybody
    for (const { from } of this.#messages.splice(at, 1)) this.#count(from, -1)
  }

  #count(peer: PeerId, change: 1 | -1): void {
    const count = (this.#perPeer.get(peer) ?? 0) + change
    if (count === 0) this.#perPeer.delete(peer)
    else this.#perPeer.set(peer, count)
  }
}
