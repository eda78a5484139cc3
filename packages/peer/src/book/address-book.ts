import { ExpiringBook, type RemovalReason, type StoreReading } from '@tsugi/bounded'
import type { Limits, PeerId } from '@tsugi/protocol'

import { addressesOf, isPeerId } from '../links/peer-addresses.ts'
import type { KeptPeer } from './book-store.ts'

/** One peer in the book. */
export interface BookEntry {
  readonly peer: PeerId
  /** Multiaddrs in text form, the most recently seen first. */
  readonly addresses: string[]
  /** Milliseconds of the book's clock. */
  readonly seenAt: number
}

/** Whom we know, and for how long. Entries end by time and by number; the least recently seen leaves first. */
export interface AddressBook {
  readonly size: number
  get(peer: PeerId): BookEntry | undefined
  list(): BookEntry[]
  /** Marks a peer as seen now; answers whether it is in the book. */
  touch(peer: PeerId): boolean
  /** Forgets a peer; answers whether it was in the book. */
  remove(peer: PeerId): boolean
  /** Forgets many; answers how many there were. */
  removeMany(peers: Iterable<PeerId>): number
}

/** What {@link PeerBook} needs. */
export interface PeerBookOptions {
  readonly limits: Pick<Limits, 'bookPeers' | 'bookAddressesPerPeer' | 'bookAddressTtlMs' | 'bookPeerTtlMs'>
  readonly onSeen: (peer: PeerId) => void
  readonly onGone: (peer: PeerId, reason: RemovalReason) => void
  readonly now?: () => number
}

/** The {@link AddressBook}, with its writing side. Whoever owns it calls {@link PeerBook.sweep}. */
export class PeerBook implements AddressBook {
  readonly #options: PeerBookOptions
  readonly #peers: ExpiringBook<PeerId, ExpiringBook<string, true>>
  readonly #now: () => number
  /** The time at which something kept was seen, while it is read. */
  #readingAt: number | undefined
  #changes = 0

  constructor(options: PeerBookOptions) {
    this.#options = options
    const now = options.now ?? Date.now
    this.#now = () => this.#readingAt ?? now()
    this.#peers = new ExpiringBook({
      capacity: options.limits.bookPeers,
      ttlMs: options.limits.bookPeerTtlMs,
      onRemove: (peer, _, reason) => {
        this.#changes += 1
        options.onGone(peer, reason)
      },
      now: this.#now,
    })
  }

  get size(): number {
    return this.#peers.size
  }

  /** Counts up whenever a peer is seen or leaves. */
  get changes(): number {
    return this.#changes
  }

  /** How much the book holds. A character is taken for a byte. */
  reading(): StoreReading {
    const texts = this.#peers.entries().flatMap(([peer, addresses]) => [peer, ...addresses.keys()])
    return { operations: this.#changes, logs: this.size, bytes: texts.join('').length }
  }

  get(peer: PeerId): BookEntry | undefined {
    const addresses = this.#peers.get(peer)
    if (addresses === undefined) return undefined
    return { peer, addresses: addresses.keys().toReversed(), seenAt: this.#peers.seenAt(peer) ?? 0 }
  }

  list(): BookEntry[] {
    return this.#peers.keys().flatMap(peer => this.get(peer) ?? [])
  }

  touch(peer: PeerId): boolean {
    return this.#peers.touch(peer)
  }

  remove(peer: PeerId): boolean {
    return this.#peers.remove(peer)
  }

  removeMany(peers: Iterable<PeerId>): number {
    return this.#peers.removeMany(peers)
  }

  /**
   * A peer was seen, with these addresses.
   *
   * @returns whether one of the addresses is new
   */
  see(peer: PeerId, addresses: readonly string[]): boolean {
    const { limits } = this.#options
    let known = this.#peers.get(peer)
    const isNew = known === undefined
    known ??= new ExpiringBook<string, true>({
      capacity: limits.bookAddressesPerPeer,
      ttlMs: limits.bookAddressTtlMs,
      now: this.#now,
    })
    const hasNews = addresses.some(address => !known.has(address))
    for (const address of addresses.toReversed()) known.set(address, true)
    this.#peers.set(peer, known)
    this.#changes += 1
    if (isNew) this.#options.onSeen(peer)
    return hasNews
  }

  /** Removes what has ended; answers how many peers that were. */
  sweep(): number {
    for (const addresses of this.#peers.values()) addresses.sweep()
    return this.#peers.sweep()
  }

  /** What is worth keeping, the least recently seen first. */
  toKept(): KeptPeer[] {
    return this.#peers.entries().map(([peer, addresses]) => ({
      peer,
      addresses: addresses.keys().map(address => [address, addresses.seenAt(address) ?? 0] as const),
      seenAt: this.#peers.seenAt(peer) ?? 0,
    }))
  }

  /**
   * Reads what was kept into an empty book, without a word to anybody. What has ended meanwhile, is more than the book holds, or is no
   * peer at all stays out.
   *
   * @returns how many peers came back
   */
  restore(kept: unknown): number {
    const { limits, now = Date.now } = this.#options
    const latest = now()
    const readable = (Array.isArray(kept) ? kept : []).slice(-limits.bookPeers).filter(isKeptPeer)
    for (const { peer, addresses, seenAt } of readable.toSorted((a, b) => a.seenAt - b.seenAt)) {
      // A clock that was set back must not make anything younger than now.
      if (latest - seenAt >= limits.bookPeerTtlMs) continue
      const seen = new ExpiringBook<string, true>({
        capacity: limits.bookAddressesPerPeer,
        ttlMs: limits.bookAddressTtlMs,
        now: this.#now,
      })
      const inOrder = addresses
        .filter(([, at]) => latest - at < limits.bookAddressTtlMs)
        .toSorted((a, b) => a[1] - b[1])
      for (const [address, at] of inOrder.slice(-limits.bookAddressesPerPeer)) {
        this.#readingAt = Math.min(at, latest)
        for (const valid of addressesOf(peer, [address])) seen.set(valid, true)
      }
      this.#readingAt = Math.min(seenAt, latest)
      this.#peers.set(peer as PeerId, seen)
    }
    this.#readingAt = undefined
    return this.#peers.size
  }

  clear(): void {
    this.#peers.clear()
  }
}

function isKeptPeer(value: unknown): value is KeptPeer {
  const { peer, addresses, seenAt } = (value ?? {}) as Partial<KeptPeer>
  return (
    typeof peer === 'string' &&
    isPeerId(peer) &&
    Number.isFinite(seenAt) &&
    Array.isArray(addresses) &&
    addresses.every(pair => Array.isArray(pair) && typeof pair[0] === 'string' && Number.isFinite(pair[1]))
  )
}
