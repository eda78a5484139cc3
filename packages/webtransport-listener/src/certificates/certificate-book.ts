import { createHash } from 'node:crypto'

import type { Timers } from '@tsugi/bounded'

import { clockSkewMs, periodAt, periodMs, periodOf } from './calendar.ts'
import { type Certificate, createCertificate } from './certificate.ts'

/** Timers hold at most 2^31 ms; and a clock that was set is noticed within this time. */
const longestWaitMs = 3_600_000

/** What {@link CertificateBook} needs. */
export interface CertificateBookOptions {
  /** A secret of the node, from which all of its certificates come. */
  readonly seed: Uint8Array
  readonly timers: Timers
}

/**
 * The certificates of a node: the one in use, the next, whose hash is announced long before it is used, and the last. Which these are
 * follows from the seed and the calendar alone.
 */
export class CertificateBook {
  readonly #seed: Uint8Array
  readonly #offsetMs: number
  readonly #timers: Timers
  readonly #listeners = new Set<() => void>()
  #index: number
  #last: Certificate
  #current: Certificate
  #next: Certificate
  #timer: unknown

  constructor({ seed, timers }: CertificateBookOptions) {
    this.#seed = seed
    this.#timers = timers
    // Of the secret's hash, not of the secret: the offset can be seen from outside.
    this.#offsetMs = createHash('sha256').update('offset').update(seed).digest().readUIntBE(0, 6) % periodMs
    this.#index = periodAt(timers.now(), this.#offsetMs).index
    this.#last = this.#make(this.#index - 1)
    this.#current = this.#make(this.#index)
    this.#next = this.#make(this.#index + 1)
  }

  /** The one to answer with. */
  get current(): Certificate {
    return this.#current
  }

  /** Values for `/certhash` components: the one in use, the next. */
  certhashes(): string[] {
    return [this.#current.certhash, this.#next.certhash]
  }

  /** What the Noise handshake confirms (`webtransport_certhashes`): also the last one, which somebody may have dialled a moment ago. */
  multihashes(): Uint8Array[] {
    return [this.#last.multihash, this.#current.multihash, this.#next.multihash]
  }

  /** Calls `onRotated` after each change, until the answer is called. */
  follow(onRotated: () => void): () => void {
    this.#listeners.add(onRotated)
    this.#wait()
    return () => {
      this.#listeners.delete(onRotated)
      if (this.#listeners.size > 0) return
      this.#timers.clearTimeout(this.#timer)
      this.#timer = undefined
    }
  }

  #wait(): void {
    if (this.#timer !== undefined) return
    const now = this.#timers.now()
    const waitMs = Math.max(1, Math.min(periodAt(now, this.#offsetMs).endMs - now, longestWaitMs))
    this.#timer = this.#timers.setTimeout(() => {
      this.#timer = undefined
      this.#look()
      if (this.#listeners.size > 0) this.#wait()
    }, waitMs)
  }

  #look(): void {
    const { index } = periodAt(this.#timers.now(), this.#offsetMs)
    if (index === this.#index) return
    const isNext = index === this.#index + 1
    this.#last = isNext ? this.#current : this.#make(index - 1)
    this.#current = isNext ? this.#next : this.#make(index)
    this.#next = this.#make(index + 1)
    this.#index = index
    for (const onRotated of this.#listeners) onRotated()
  }

  #make(index: number): Certificate {
    const { startMs, endMs } = periodOf(index, this.#offsetMs)
    const wholeSeconds = (ms: number): number => Math.floor(ms / 1_000) * 1_000
    return createCertificate(this.#seed, wholeSeconds(startMs - clockSkewMs), wholeSeconds(endMs + clockSkewMs))
  }
}
