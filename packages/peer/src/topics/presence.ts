import { ExpiringBook, type TaskGroup, TokenBucket } from '@tsugi/bounded'
import { type PeerId, decodeAnnouncement, encodeAnnouncement } from '@tsugi/protocol'

import type { PublishOutcome } from './topic.ts'

/** What {@link Presence} needs. */
export interface PresenceOptions {
  readonly self: PeerId
  readonly tasks: TaskGroup
  readonly capacity: number
  readonly addresses: () => string[]
  readonly publish: (data: Uint8Array) => Promise<PublishOutcome>
  /** Somebody announced itself here, for the first time or again. */
  readonly onHere: (peer: PeerId, addresses: readonly string[]) => void
  /** Somebody who was here has come anew and never said “bye”: a page that was reloaded. What there was to it is dead. */
  readonly onReturn?: (peer: PeerId) => void
  readonly onChange: (joined: PeerId[], left: PeerId[]) => void
  readonly everyMs?: number
}

/** So many announcements may be missed before somebody counts as gone. */
const missable = 2.5
/** Whoever has heard of nobody so long after coming says “here” again. */
const repeatMs = 3_000
/** Whoever comes anew more often than that, and more than a few times in a row, is answered, and no more. */
const returnMs = 2_000
const returnsAtOnce = 3

/** Somebody who is here. */
interface Present {
  /** How often it may yet come anew. */
  readonly returns: TokenBucket
}

/**
 * Who is on a topic. Each peer says “here” with its addresses when it comes, asking everybody to say so too [T7], when somebody new
 * appears, when its addresses change, and every minute; and “bye” when it leaves. Answers are limited in rate: in a crowd not everybody
 * answers everybody.
 */
export class Presence {
  readonly #options: PresenceOptions
  readonly #present: ExpiringBook<PeerId, Present>
  readonly #allowance = new TokenBucket({ capacity: 3, refillPerSecond: 0.5 })
  /** Whom the next announcement asks whether they are still here. */
  readonly #asked = new Set<PeerId>()
  #isScheduled = false
  #isQuiet = true

  constructor(options: PresenceOptions) {
    this.#options = options
    const everyMs = options.everyMs ?? 60_000
    this.#present = new ExpiringBook<PeerId, Present>({
      capacity: options.capacity,
      ttlMs: everyMs * missable,
      onRemove: (peer, _, reason) => {
        if (reason !== 'cleared') options.onChange([], [peer])
      },
    })
    options.tasks.interval('here', everyMs, () => this.#say('here'))
    options.tasks.interval('presence sweep', Math.min(everyMs, 10_000), () => this.#present.sweep())
  }

  peers(): PeerId[] {
    return this.#present.keys()
  }

  get size(): number {
    return this.#present.size
  }

  has(peer: PeerId): boolean {
    return this.#present.has(peer)
  }

  /** From now on we announce ourselves. */
  speak(): void {
    if (!this.#isQuiet) return
    this.#isQuiet = false
    this.#askAll()
    // The first word may have gone where nobody was yet, or got lost on the way; a minute is long when somebody waits.
    this.#options.tasks.timeout('here again', repeatMs, () => {
      if (this.#present.size === 0) this.#askAll()
    })
  }

  /** Announces us when the allowance permits: at once, or in a moment. */
  saySoon(): void {
    if (this.#isQuiet || this.#isScheduled) return
    this.#isScheduled = true
    this.#options.tasks.timeout('say here', this.#allowance.msUntil(), () => {
      this.#isScheduled = false
      this.#allowance.tryTake()
      return this.#say('here')
    })
  }

  /** Takes an announcement by its author; what is malformed is ignored. */
  hear(author: PeerId, data: Uint8Array): void {
    const announcement = decodeAnnouncement(data)
    if (!announcement.ok) return
    const { kind, addresses, ask = [] } = announcement.value
    if (kind === 'bye') {
      this.#present.remove(author)
      return
    }
    const hasJustCome = ask.includes(author)
    const before = this.#present.get(author)
    if (hasJustCome && before?.returns.tryTake() === true) {
      // It went without a word in between.
      this.#present.remove(author)
      this.#options.onReturn?.(author)
    }
    const known = this.#present.get(author)
    const returns = before?.returns ?? new TokenBucket({ capacity: returnsAtOnce, refillPerSecond: 1_000 / returnMs })
    this.#present.set(author, known ?? { returns })
    this.#options.onHere(author, addresses)
    if (known === undefined) this.#options.onChange([author], [])
    if (known === undefined || hasJustCome || ask.includes(this.#options.self)) this.saySoon()
  }

  /** Asks somebody who is here to say so. [T6] */
  ask(peer: PeerId): void {
    if (!this.#present.has(peer)) return
    this.#asked.add(peer)
    this.saySoon()
  }

  /** Takes somebody for gone until they are heard again. */
  miss(peer: PeerId): void {
    this.#present.remove(peer)
  }

  async sayBye(): Promise<void> {
    // Quiet first: whoever joins again while this goes out must be able to speak.
    const bye = this.#say('bye')
    this.#isQuiet = true
    await bye
  }

  clear(): void {
    this.#asked.clear()
    this.#present.clear()
  }

  /** We have just come, and want to know who is here. [T7] */
  #askAll(): void {
    this.#asked.add(this.#options.self)
    this.saySoon()
  }

  async #say(kind: 'here' | 'bye'): Promise<void> {
    if (this.#isQuiet) return
    const ask = [...this.#asked]
    this.#asked.clear()
    const addresses = kind === 'here' ? this.#options.addresses() : []
    const announcement = encodeAnnouncement({ kind, addresses, ...(kind === 'here' && { ask }) })
    const { recipients } = await this.#options.publish(announcement)
    // Where nobody heard it, the next word asks again.
    if (recipients === 0) for (const peer of ask) this.#asked.add(peer)
  }
}
