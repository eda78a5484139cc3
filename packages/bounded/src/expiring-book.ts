import { requireAmount, requireCount } from './bounded-error.ts'
import { systemTimers } from './system-timers.ts'

/** Why an entry left: its time was over, the ceiling pushed it out, somebody removed it, or everything was cleared. */
export type RemovalReason = 'expired' | 'evicted' | 'removed' | 'cleared'

/** What {@link ExpiringBook} wants to know. */
export interface ExpiringBookOptions<K, V> {
  /** The most entries; the least recently seen leaves first. */
  readonly capacity: number
  /** An entry not seen for so long is gone. `Infinity` for never. */
  readonly ttlMs: number
  /** Called after an entry left. */
  readonly onRemove?: (key: K, value: V, reason: RemovalReason) => void
  /** Milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** A book's counters since it was made. */
export interface ExpiringBookStats {
  readonly size: number
  readonly capacity: number
  readonly expired: number
  readonly evicted: number
  readonly removed: number
}

interface Entry<V> {
  value: V
  seenAt: number
}

/**
 * A map whose entries end: by time since they were last seen, or by the ceiling. "Seen" means set or touched; reading does not count.
 * An entry whose time is over is never shown, swept or not. It owns no timer: somebody calls {@link sweep}.
 */
export class ExpiringBook<K, V> {
  readonly capacity: number
  readonly ttlMs: number
  readonly #now: () => number
  readonly #onRemove: ExpiringBookOptions<K, V>['onRemove']
  /** In the order of `seenAt`, the oldest first: each sight moves an entry to the end. */
  readonly #entries = new Map<K, Entry<V>>()
  #latest = Number.NEGATIVE_INFINITY
  #expired = 0
  #evicted = 0
  #removed = 0

  /** @throws BoundedError `bounded/invalid-option` */
  constructor(options: ExpiringBookOptions<K, V>) {
    this.capacity = requireCount('capacity', options.capacity)
    this.ttlMs = requireAmount('ttlMs', options.ttlMs)
    this.#now = options.now ?? systemTimers.now
    this.#onRemove = options.onRemove
  }

  /** How many entries are held; some of them may have ended since the last sweep. */
  get size(): number {
    return this.#entries.size
  }

  get stats(): ExpiringBookStats {
    return {
      size: this.#entries.size,
      capacity: this.capacity,
      expired: this.#expired,
      evicted: this.#evicted,
      removed: this.#removed,
    }
  }

  get(key: K): V | undefined {
    return this.#live(key)?.value
  }

  has(key: K): boolean {
    return this.#live(key) !== undefined
  }

  /** When an entry was last set or touched. */
  seenAt(key: K): number | undefined {
    return this.#live(key)?.seenAt
  }

  /** Writes an entry, new or not, and marks it as seen now. May push out the least recently seen one. */
  set(key: K, value: V): void {
    this.#live(key) // what was there may have ended: then this is a new entry, and the end of the old one is told
    this.#entries.delete(key)
    this.#entries.set(key, { value, seenAt: this.#tick() })
    if (this.#entries.size <= this.capacity) return
    this.sweep()
    for (const [oldest, entry] of this.#entries) {
      if (this.#entries.size <= this.capacity) break
      this.#leave(oldest, entry.value, 'evicted')
    }
  }

  /** Marks an entry as seen now; answers whether there is one. */
  touch(key: K): boolean {
    const entry = this.#live(key)
    if (entry === undefined) return false
    entry.seenAt = this.#tick()
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return true
  }

  /** Removes an entry; answers whether there was one. */
  remove(key: K): boolean {
    const entry = this.#live(key)
    if (entry === undefined) return false
    this.#leave(key, entry.value, 'removed')
    return true
  }

  /** Removes the given entries; answers how many there were. */
  removeMany(keys: Iterable<K>): number {
    let count = 0
    for (const key of keys) if (this.remove(key)) count += 1
    return count
  }

  /** Removes every entry that the test accepts; answers how many. */
  removeWhere(accepts: (key: K, value: V) => boolean): number {
    const found = this.entries().filter(([key, value]) => accepts(key, value))
    return this.removeMany(found.map(([key]) => key))
  }

  /** Removes what has ended; answers how many entries that were. */
  sweep(now: number = this.#now()): number {
    let count = 0
    for (const [key, entry] of this.#entries) {
      if (now - entry.seenAt < this.ttlMs) break // in order of sight: the rest is younger
      this.#leave(key, entry.value, 'expired')
      count += 1
    }
    return count
  }

  /** Removes everything. */
  clear(): void {
    const all = [...this.#entries]
    for (const [key, entry] of all) this.#leave(key, entry.value, 'cleared')
  }

  /** The live entries, the least recently seen first. */
  entries(): [K, V][] {
    const now = this.#now()
    const live: [K, V][] = []
    for (const [key, entry] of this.#entries) if (now - entry.seenAt < this.ttlMs) live.push([key, entry.value])
    return live
  }

  keys(): K[] {
    return this.entries().map(([key]) => key)
  }

  values(): V[] {
    return this.entries().map(([, value]) => value)
  }

  #live(key: K): Entry<V> | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (this.#now() - entry.seenAt < this.ttlMs) return entry
    this.#leave(key, entry.value, 'expired')
    return undefined
  }

  /** The order of the map is the order of time only if time never runs back; a clock that does is held still here. */
  #tick(): number {
    this.#latest = Math.max(this.#latest, this.#now())
    return this.#latest
  }

  #leave(key: K, value: V, reason: RemovalReason): void {
    this.#entries.delete(key)
    if (reason === 'expired') this.#expired += 1
    else if (reason === 'evicted') this.#evicted += 1
    else this.#removed += 1
    this.#onRemove?.(key, value, reason)
  }
}
