import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { ExpiringBook } from '@tsugi/bounded'
import type { Limits } from '@tsugi/protocol'

import { PeerError } from '../peer-error.ts'
import { type RelayTransport, relayTransports, transportOf } from './relay-transport.ts'

/** How a line is opened. */
export interface DialOptions {
  /** Whether another line is wanted where one to the same address stands. */
  readonly force: boolean
}

/** What {@link TransportRace} needs. */
export interface TransportRaceOptions {
  readonly limits: Pick<Limits, 'knownRelays' | 'bookPeerTtlMs'>
  /** Dials one of the addresses; they have no peer id, because libp2p would make one dial of all that go to one peer. */
  readonly dial: (addresses: readonly string[], signal: AbortSignal, options: DialOptions) => Promise<Connection>
  /** A way that is usually faster gets so much time before the next one starts beside it. */
  readonly headStartMs?: number
  readonly now?: () => number
  readonly setTimeout?: (callback: () => void, delayMs: number) => () => void
}

const defaultHeadStartMs = 300
/** A way that failed where another one worked goes last for so long: a network that lets no UDP through rarely changes its mind. */
const disfavourMs = 10 * 60_000

/** Which way stood first to a relay (by its id, or by its first address where none is named), and since when, in milliseconds since 1970. */
export type KeptWay = readonly [relay: string, transport: RelayTransport, since: number]

/** Dials relays by several transports at once, each a little after the one before, and remembers per relay what worked. */
export class TransportRace {
  readonly #options: TransportRaceOptions
  /** What stood first. It ends by time even where it goes on to: what is best may have changed, and only a race shows it. */
  readonly #winners: ExpiringBook<string, RelayTransport>
  /** What goes last, by relay and transport. */
  readonly #disfavoured: ExpiringBook<string, true>
  /** The time at which something kept was true, while it is read. */
  #readingAt: number | undefined
  #changes = 0

  constructor(options: TransportRaceOptions) {
    this.#options = options
    const { limits } = options
    const now = (): number => this.#readingAt ?? (options.now ?? Date.now)()
    this.#winners = new ExpiringBook({ capacity: limits.knownRelays, ttlMs: limits.bookPeerTtlMs, now })
    const capacity = limits.knownRelays * relayTransports.length
    this.#disfavoured = new ExpiringBook({ capacity, ttlMs: disfavourMs, now })
  }

  /** Counts up whenever there is something new to keep. */
  get changes(): number {
    return this.#changes
  }

  /** What is worth keeping, the oldest first. What failed is not: the network may be another one when it is read. */
  toKept(): KeptWay[] {
    return this.#winners.entries().map(([relay, way]) => [relay, way, this.#winners.seenAt(relay) ?? 0])
  }

  /** Reads what was kept. What has ended meanwhile, is more than is remembered, or says nothing, stays out. */
  restore(kept: unknown): void {
    const { limits, now = Date.now } = this.#options
    const ways = (Array.isArray(kept) ? kept : []).slice(-limits.knownRelays).filter(isKeptWay)
    for (const [relay, way, since] of ways.toSorted((a, b) => a[2] - b[2])) {
      // A clock that was set back must not make anything younger than now.
      this.#readingAt = Math.min(since, now())
      this.#winners.set(relay, way)
    }
    this.#readingAt = undefined
  }

  /** The ways that addresses offer, in the order in which they would be tried. */
  order(addresses: readonly string[]): RelayTransport[] {
    const key = keyOf(addresses)
    const winner = this.#winners.get(key)
    const rank = (each: RelayTransport): number => {
      if (this.#disfavoured.has(`${key} ${each}`)) return 10
      return each === winner ? -1 : relayTransports.indexOf(each)
    }
    return [...byTransport(addresses).keys()].toSorted((a, b) => rank(a) - rank(b))
  }

  /**
   * The first connection that stands; the others are given up.
   *
   * @param silent - the way of a line that stands and does not answer: it goes last now and for some minutes, and what comes of it is another line
   * @throws PeerError `relay/unreachable` when none does, or the signal's reason
   */
  async dial(addresses: readonly string[], signal: AbortSignal, silent?: RelayTransport): Promise<Connection> {
    signal.throwIfAborted()
    const relayId = relayIdOf(addresses)
    const groups = byTransport(addresses)
    const options = { force: silent !== undefined }
    if (silent !== undefined) this.#disfavoured.set(`${keyOf(addresses)} ${silent}`, true)
    const order = this.order(addresses)
    if (order.length === 0)
      throw new PeerError('relay/unreachable', 'The relay has no address that can be dialled here.')
    const over = new AbortController()
    const either = AbortSignal.any([signal, over.signal])
    const failed: RelayTransport[] = []
    const reasons: unknown[] = []
    let next = 0
    const winner = Promise.withResolvers<{ transport: RelayTransport; connection: Connection }>()
    let cancelWait = (): void => {}

    const start = (): void => {
      cancelWait()
      const transport = order[next]
      if (transport === undefined) return
      next += 1
      const attempt = this.#options.dial((groups.get(transport) ?? []).map(withoutPeer), either, options)
      attempt.then(
        connection => {
          if (over.signal.aborted) {
            connection.close().catch(() => {})
          } else if (relayId !== undefined && connection.remotePeer.toString() !== relayId) {
            connection.abort(new Error('another peer answers at the relay’s address'))
            lose(transport, new Error('another peer answers at its address'))
          } else {
            over.abort(new Error('another way was faster'))
            winner.resolve({ transport, connection })
          }
        },
        (error: unknown) => lose(transport, error),
      )
      if (next < order.length) cancelWait = this.#after(this.#options.headStartMs ?? defaultHeadStartMs, start)
    }
    const lose = (transport: RelayTransport, error: unknown): void => {
      if (over.signal.aborted) return
      failed.push(transport)
      reasons.push(error)
      if (failed.length === order.length) winner.reject(unreachable(order, reasons))
      else if (next === failed.length) start()
    }
    const onAbort = (): void => {
      over.abort(signal.reason)
      winner.reject(signal.reason as Error)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      start()
      const { transport, connection } = await winner.promise
      this.#remember(keyOf(addresses), transport, failed)
      return connection
    } finally {
      cancelWait()
      signal.removeEventListener('abort', onAbort)
    }
  }

  #remember(key: string, winner: RelayTransport, failed: readonly RelayTransport[]): void {
    this.#disfavoured.remove(`${key} ${winner}`)
    for (const each of failed) this.#disfavoured.set(`${key} ${each}`, true)
    if (this.#winners.get(key) === winner) return
    this.#winners.set(key, winner)
    this.#changes += 1
  }

  #after(delayMs: number, callback: () => void): () => void {
    if (this.#options.setTimeout !== undefined) return this.#options.setTimeout(callback, delayMs)
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  }
}

function byTransport(addresses: readonly string[]): Map<RelayTransport, string[]> {
  const groups = new Map<RelayTransport, string[]>()
  for (const address of addresses) {
    const transport = transportOf(multiaddr(address))
    if (transport === undefined) continue
    groups.set(transport, [...(groups.get(transport) ?? []), address])
  }
  return groups
}

/** The peer id that the addresses name, when they name one. */
function relayIdOf(addresses: readonly string[]): string | undefined {
  for (const address of addresses) {
    const id = multiaddr(address)
      .getComponents()
      .findLast(({ name }) => name === 'p2p')?.value
    if (id !== undefined) return id
  }
  return undefined
}

/** By what a relay is remembered. */
function keyOf(addresses: readonly string[]): string {
  return relayIdOf(addresses) ?? addresses[0] ?? ''
}

function isKeptWay(value: unknown): value is KeptWay {
  const [relay, way, since] = Array.isArray(value) ? (value as unknown[]) : []
  return typeof relay === 'string' && relayTransports.includes(way as RelayTransport) && Number.isFinite(since)
}

function withoutPeer(address: string): string {
  return address.replace(/\/p2p\/[^/]+$/, '')
}

function unreachable(order: readonly RelayTransport[], reasons: readonly unknown[]): PeerError {
  const [first] = reasons
  const message = first instanceof Error ? first.message : String(first)
  return new PeerError('relay/unreachable', `Tried ${order.join(', ')}: ${message}`, { cause: first })
}
