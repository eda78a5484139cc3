import { ExpiringBook, TokenBucket } from '@tsugi/bounded'
import type { Limits } from '@tsugi/protocol'

/** At once, a peer may ask for what it takes to lose all of its circuits and get them back, a few times over. */
const burstFactor = 4
/** Who joins reserves, and asks for a circuit or a few. */
const requestsPerJoin = 5
const addressBurstSeconds = 4
/** Of so many peers and addresses the rate is remembered; the least recently seen is forgotten first. */
const maxRemembered = 20_000
/** By then every bucket is full again. */
const memoryMs = 60_000

/** What {@link RequestRate} wants to know. */
export interface RequestRateOptions {
  /** Read at each request, so that limits may change. */
  readonly limits: () => Pick<Limits, 'peerHopRequestsPerSecond' | 'peerCircuits' | 'addressJoinsPerSecond'>
  readonly now?: () => number
}

/** How often a peer, and everybody at one address, may ask for reservations and circuits. */
export class RequestRate {
  readonly #options: RequestRateOptions
  readonly #peers: ExpiringBook<string, TokenBucket>
  readonly #addresses: ExpiringBook<string, TokenBucket>

  constructor(options: RequestRateOptions) {
    this.#options = options
    const now = options.now ?? Date.now
    this.#peers = new ExpiringBook({ capacity: maxRemembered, ttlMs: memoryMs, now })
    this.#addresses = new ExpiringBook({ capacity: maxRemembered, ttlMs: memoryMs, now })
  }

  /** Peers and addresses of which something is remembered. */
  get size(): number {
    return this.#peers.size + this.#addresses.size
  }

  /** @param address - as `addressKey` writes it */
  tryTake(peer: string, address: string): boolean {
    const { peerHopRequestsPerSecond, peerCircuits, addressJoinsPerSecond } = this.#options.limits()
    const peerBurst = burstFactor * Math.max(peerHopRequestsPerSecond, peerCircuits)
    const atAddress = addressJoinsPerSecond * requestsPerJoin
    // What a peer is refused costs its neighbours nothing.
    return (
      this.#take(this.#peers, peer, peerHopRequestsPerSecond, peerBurst) &&
      this.#take(this.#addresses, address, atAddress, atAddress * addressBurstSeconds)
    )
  }

  #take(book: ExpiringBook<string, TokenBucket>, key: string, perSecond: number, burst: number): boolean {
    if (!Number.isFinite(perSecond)) return true
    const now = this.#options.now ?? Date.now
    let bucket = book.get(key)
    if (bucket === undefined || bucket.refillPerSecond !== perSecond || bucket.capacity !== burst) {
      bucket = new TokenBucket({ capacity: burst, refillPerSecond: perSecond, now })
    }
    book.set(key, bucket)
    return bucket.tryTake()
  }
}
