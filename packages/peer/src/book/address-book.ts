import { ExpiringBook, type RemovalReason } from '@tsugi/bounded'
import type { Limits, PeerId } from '@tsugi/protocol'

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

  constructor(options: PeerBookOptions) {
    this.#options = options
    this.#peers = new ExpiringBook({
      capacity: options.limits.bookPeers,
      ttlMs: options.limits.bookPeerTtlMs,
      onRemove: (peer, _, reason) => options.onGone(peer, reason),
      ...(options.now !== undefined && { now: options.now }),
    })
  }

  get size(): number {
    return this.#peers.size
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
    const { limits, now } = this.#options
    let known = this.#peers.get(peer)
    const isNew = known === undefined
    known ??= new ExpiringBook<string, true>({
      capacity: limits.bookAddressesPerPeer,
      ttlMs: limits.bookAddressTtlMs,
      ...(now !== undefined && { now }),
    })
    const hasNews = addresses.some(address => !known.has(address))
    for (const address of addresses.toReversed()) known.set(address, true)
    this.#peers.set(peer, known)
    if (isNew) this.#options.onSeen(peer)
    return hasNews
  }

  /** Removes what has ended; answers how many peers that were. */
  sweep(): number {
    for (const addresses of this.#peers.values()) addresses.sweep()
    return this.#peers.sweep()
  }

  clear(): void {
    this.#peers.clear()
  }
}
