import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'

import { PeerError } from '../peer-error.ts'

/** How a relay can be reached, in the order in which it is tried: few round trips first, the sure way next, the one that browsers may drop last. */
const relayTransports = ['webtransport', 'websocket', 'webrtc-direct'] as const

/** A way to a relay. */
export type RelayTransport = (typeof relayTransports)[number]

/** What {@link TransportRace} needs. */
export interface TransportRaceOptions {
  /** Dials one of the addresses; they have no peer id, because libp2p would make one dial of all that go to one peer. */
  readonly dial: (addresses: readonly string[], signal: AbortSignal) => Promise<Connection>
  readonly now?: () => number
  readonly setTimeout?: (callback: () => void, delayMs: number) => () => void
}

/** A way that is usually faster gets so much time before the next one starts beside it. */
const headStartMs = 300
/** A way that failed where another one worked goes last for so long: a network that lets no UDP through rarely changes its mind. */
const disfavourMs = 10 * 60_000
const maxRemembered = 100

interface Memory {
  winner?: RelayTransport
  /** Until when a way goes last. */
  readonly disfavoured: Map<RelayTransport, number>
}

/** Dials relays by several transports at once, each a little after the one before, and remembers per relay what worked. */
export class TransportRace {
  readonly #options: TransportRaceOptions
  /** By relay id, or by the first address where none is named; the one not used for longest leaves first. */
  readonly #memories = new Map<string, Memory>()

  constructor(options: TransportRaceOptions) {
    this.#options = options
  }

  /** The ways that addresses offer, in the order in which they would be tried. */
  order(addresses: readonly string[]): RelayTransport[] {
    const memory = this.#memories.get(keyOf(addresses))
    const now = (this.#options.now ?? Date.now)()
    const rank = (each: RelayTransport): number => {
      if ((memory?.disfavoured.get(each) ?? 0) > now) return 10
      return each === memory?.winner ? -1 : relayTransports.indexOf(each)
    }
    return [...byTransport(addresses).keys()].toSorted((a, b) => rank(a) - rank(b))
  }

  /**
   * The first connection that stands; the others are given up.
   *
   * @throws PeerError `relay/unreachable` when none does, or the signal's reason
   */
  async dial(addresses: readonly string[], signal: AbortSignal): Promise<Connection> {
    signal.throwIfAborted()
    const relayId = relayIdOf(addresses)
    const groups = byTransport(addresses)
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
      const attempt = this.#options.dial((groups.get(transport) ?? []).map(withoutPeer), either)
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
      if (next < order.length) cancelWait = this.#after(headStartMs, start)
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
    const memory: Memory = this.#memories.get(key) ?? { disfavoured: new Map() }
    const until = (this.#options.now ?? Date.now)() + disfavourMs
    memory.winner = winner
    memory.disfavoured.delete(winner)
    for (const each of failed) memory.disfavoured.set(each, until)
    this.#memories.delete(key)
    this.#memories.set(key, memory)
    const [oldest] = this.#memories.keys()
    if (this.#memories.size > maxRemembered && oldest !== undefined) this.#memories.delete(oldest)
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
    const names = new Set(
      multiaddr(address)
        .getComponents()
        .map(({ name }) => name),
    )
    const transport = relayTransports.find(each =>
      each === 'websocket' ? names.has('ws') || names.has('wss') : names.has(each),
    )
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

function withoutPeer(address: string): string {
  return address.replace(/\/p2p\/[^/]+$/, '')
}

function unreachable(order: readonly RelayTransport[], reasons: readonly unknown[]): PeerError {
  const [first] = reasons
  const message = first instanceof Error ? first.message : String(first)
  return new PeerError('relay/unreachable', `Tried ${order.join(', ')}: ${message}`, { cause: first })
}
