import { TokenBucket, type Timers } from '@tsugi/bounded'

import type { CircuitLimits } from './circuit-limits.ts'

/** One turn of a flow that waits: small enough that a small message behind it is not late. */
const quantumBytes = 16 * 1_024
/** A message up to this size, on a flow that has nothing waiting, is taken for play rather than for a transfer. */
const smallBytes = 4 * 1_024
/** How much of a flow may go ahead of bulk. A game of 120 messages a second with 500 bytes each stays within it. */
const aheadBytesPerSecond = 64 * 1_024
/** This part of the relay's bucket is kept for small messages. */
const reservedPart = 1 / 4
/** A peer may save up two seconds, so that a page that loads a game is not slowed down. */
const peerBurstSeconds = 2
const relayBurstSeconds = 1
const shortestWaitMs = 2
const longestWaitMs = 1_000

/** The rates in force. `Infinity` for none. */
export type BandwidthLimits = Pick<
  CircuitLimits,
  'circuitBytesPerSecond' | 'peerBytesPerSecond' | 'relayBytesPerSecond'
>

/** One direction of a circuit, as its owner hands it in. */
export interface FlowOwner {
  /** Bytes that wait to be sent now; 0 when nothing waits or the far end takes nothing. */
  readonly waitingBytes: number
  /** Sends exactly so many of them. */
  grant(bytes: number): void
}

/** A flow's access to the bandwidth. */
export interface Flow {
  /** How many of `bytes` may be sent now; they count as sent. The rest has to {@link wait}. */
  take(bytes: number): number
  /** The owner will be granted what it waits for, in turn. */
  wait(): void
  end(): void
}

interface Share {
  readonly peer: string
  bucket: TokenBucket
  flows: number
  readonly waiting: BucketFlow[]
  hasTurn: boolean
}

/**
 * Delays what exceeds the bandwidth of a circuit's direction, of the peer that sends, or of the relay; it drops nothing. Sending counts,
 * receiving does not: otherwise anybody could use up somebody else's share by sending to them.
 *
 * When the relay's own rate is reached, the peers that wait take turns of 16 KiB, however many circuits each of them has; a quarter
 * of the bucket is kept for small messages of flows that have nothing waiting, and those go at once.
 */
export class Bandwidth {
  readonly #timers: Timers
  readonly #shares = new Map<string, Share>()
  /** Peers with waiting flows, in the order of their turns. */
  readonly #turns: Share[] = []
  #limits: BandwidthLimits
  #relay: TokenBucket
  #reserved = 0
  #timer: unknown
  #wakeAt = Number.POSITIVE_INFINITY

  constructor(limits: BandwidthLimits, timers: Timers) {
    this.#limits = limits
    this.#timers = timers
    this.#relay = this.#bucket(limits.relayBytesPerSecond, relayBurstSeconds)
    this.setLimits(limits)
  }

  /** Peers with waiting flows. */
  get waitingPeers(): number {
    return this.#turns.length
  }

  /** Takes effect at once, also on circuits that are open (except the rate of a single circuit). */
  setLimits(limits: BandwidthLimits): void {
    this.#limits = limits
    this.#relay = this.#bucket(limits.relayBytesPerSecond, relayBurstSeconds)
    this.#reserved = Number.isFinite(this.#relay.capacity) ? this.#relay.capacity * reservedPart : 0
    for (const share of this.#shares.values()) share.bucket = this.#bucket(limits.peerBytesPerSecond, peerBurstSeconds)
  }

  /** @param peer - who sends */
  flow(peer: string, owner: FlowOwner): Flow {
    let share = this.#shares.get(peer)
    if (share === undefined) {
      const bucket = this.#bucket(this.#limits.peerBytesPerSecond, peerBurstSeconds)
      share = { peer, bucket, flows: 0, waiting: [], hasTurn: false }
      this.#shares.set(peer, share)
    }
    share.flows += 1
    return new BucketFlow(this, share, owner, this.#bucket(this.#limits.circuitBytesPerSecond, peerBurstSeconds), {
      ahead: this.#bucket(aheadBytesPerSecond, 1),
    })
  }

  /**
   * Spends the relay's bandwidth on what travels beside circuits. It may use what is kept for small messages: nobody who comes back for
   * a game waits behind a transfer.
   *
   * @returns 0 when it was spent; else how long to wait before it may be asked again
   */
  spendBeside(bytes: number): number {
    const wanted = Math.min(bytes, this.#relay.capacity)
    return this.#relay.tryTake(wanted) ? 0 : Math.max(shortestWaitMs, this.#relay.msUntil(wanted))
  }

  /** Forgets everything that waits. */
  stop(): void {
    this.#timers.clearTimeout(this.#timer)
    this.#wakeAt = Number.POSITIVE_INFINITY
    for (const share of this.#turns) share.hasTurn = false
    this.#turns.length = 0
  }

  /** @internal */
  takeNow(flow: BucketFlow, bytes: number): number {
    if (this.#isUnlimited) return bytes
    const own = Math.min(bytes, flow.bucket.available, flow.share.bucket.available)
    let free = this.#relay.available
    if (bytes > smallBytes || !flow.ahead.tryTake(bytes)) {
      // Not into what is kept for small messages, and behind those who wait already.
      free -= this.#reserved
      if (free < this.#turns.length * quantumBytes) return 0
    }
    return this.#spend(flow, Math.floor(Math.min(own, free)))
  }

  /** @internal */
  enqueue(flow: BucketFlow): void {
    const { share } = flow
    if (share.waiting.includes(flow)) return
    share.waiting.push(flow)
    if (!share.hasTurn) {
      share.hasTurn = true
      this.#turns.push(share)
    }
    this.#wakeIn(this.#waitMs(flow))
  }

  /** @internal */
  end(flow: BucketFlow): void {
    const { share } = flow
    const index = share.waiting.indexOf(flow)
    if (index >= 0) share.waiting.splice(index, 1)
    if (share.waiting.length === 0) this.#leaveTurns(share)
    share.flows -= 1
    if (share.flows === 0) this.#shares.delete(share.peer)
  }

  get #isUnlimited(): boolean {
    const limits = this.#limits
    return (
      limits.relayBytesPerSecond === Number.POSITIVE_INFINITY &&
      limits.peerBytesPerSecond === Number.POSITIVE_INFINITY &&
      limits.circuitBytesPerSecond === Number.POSITIVE_INFINITY
    )
  }

  #bucket(perSecond: number, burstSeconds: number): TokenBucket {
    // At least one byte at a time, or nothing would ever go.
    const capacity = Math.max(1, Math.floor(perSecond * burstSeconds))
    return new TokenBucket({ capacity, refillPerSecond: perSecond, now: this.#timers.now })
  }

  #spend(flow: BucketFlow, bytes: number): number {
    if (bytes <= 0) return 0
    this.#relay.takeUpTo(bytes)
    flow.share.bucket.takeUpTo(bytes)
    flow.bucket.takeUpTo(bytes)
    return bytes
  }

  /** The least that is worth a turn. */
  #turnBytes(flow: BucketFlow): number {
    const room = Math.min(flow.bucket.capacity, flow.share.bucket.capacity, this.#relay.capacity - this.#reserved)
    return Math.max(1, Math.min(flow.owner.waitingBytes, quantumBytes, Math.floor(room)))
  }

  #waitMs(flow: BucketFlow): number {
    const bytes = this.#turnBytes(flow)
    return Math.max(
      this.#relay.msUntil(bytes + this.#reserved),
      flow.share.bucket.msUntil(bytes),
      flow.bucket.msUntil(bytes),
    )
  }

  #wakeIn(ms: number): void {
    const delay = Math.min(Math.max(ms, shortestWaitMs), longestWaitMs)
    const wakeAt = this.#timers.now() + delay
    if (wakeAt >= this.#wakeAt) return
    this.#timers.clearTimeout(this.#timer)
    this.#wakeAt = wakeAt
    this.#timer = this.#timers.setTimeout(() => {
      this.#wakeAt = Number.POSITIVE_INFINITY
      this.#giveTurns()
    }, delay)
  }

  #giveTurns(): void {
    let fruitless = 0
    let shortestMs = longestWaitMs
    while (this.#turns.length > fruitless) {
      const share = this.#turns.shift()
      if (share === undefined) break
      this.#turns.push(share)
      const flow = share.waiting.shift()
      if (flow === undefined) {
        this.#leaveTurns(share)
        continue
      }
      if (flow.owner.waitingBytes === 0) {
        if (share.waiting.length === 0) this.#leaveTurns(share)
        continue
      }
      const bytes = this.#turnBytes(flow)
      const waitMs = this.#waitMs(flow)
      if (waitMs > 0) {
        // It keeps its place among its peer's circuits, unless it alone has reached its rate.
        if (flow.bucket.msUntil(bytes) === waitMs) share.waiting.push(flow)
        else share.waiting.unshift(flow)
        shortestMs = Math.min(shortestMs, waitMs)
        fruitless += 1
        continue
      }
      fruitless = 0
      this.#spend(flow, bytes)
      flow.owner.grant(bytes)
      // Granting may have ended the flow or made it wait again by itself.
      if (flow.owner.waitingBytes > 0 && !flow.isEnded && !share.waiting.includes(flow)) share.waiting.push(flow)
      if (share.waiting.length === 0) this.#leaveTurns(share)
    }
    if (this.#turns.length > 0) this.#wakeIn(shortestMs)
  }

  #leaveTurns(share: Share): void {
    const index = this.#turns.indexOf(share)
    if (index >= 0) this.#turns.splice(index, 1)
    share.hasTurn = false
  }
}

class BucketFlow implements Flow {
  readonly share: Share
  readonly owner: FlowOwner
  readonly bucket: TokenBucket
  readonly ahead: TokenBucket
  isEnded = false
  readonly #bandwidth: Bandwidth

  constructor(
    bandwidth: Bandwidth,
    share: Share,
    owner: FlowOwner,
    bucket: TokenBucket,
    { ahead }: { ahead: TokenBucket },
  ) {
    this.#bandwidth = bandwidth
    this.share = share
    this.owner = owner
    this.bucket = bucket
    this.ahead = ahead
  }

  take(bytes: number): number {
    return this.#bandwidth.takeNow(this, bytes)
  }

  wait(): void {
    if (!this.isEnded) this.#bandwidth.enqueue(this)
  }

  end(): void {
    if (this.isEnded) return
    this.isEnded = true
    this.#bandwidth.end(this)
  }
}
