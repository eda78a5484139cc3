import { type PeerId, type Startable, type StreamHandler, serviceCapabilities } from '@libp2p/interface'
import { Circuit } from '@multiformats/multiaddr-matcher'
import { type ListenerTarget, TaskGroup, type Timers, systemTimers } from '@tsugi/bounded'

import { answerConnect } from './answer-connect.ts'
import { answerReserve } from './answer-reserve.ts'
import type { CircuitCloseReason, CircuitEvent, ReservationEndReason } from './circuit-events.ts'
import type { CircuitLimits } from './circuit-limits.ts'
import type { HopMessage } from './circuit-messages.ts'
import type { CircuitComponents, CircuitParts } from './circuit-parts.ts'
import { type CircuitPolicy, openPolicy } from './circuit-policy.ts'
import { CircuitCounters } from './circuit-totals.ts'
import { type HopExchange, beginExchange, refuseExchange } from './hop-exchange.ts'
import { hopProtocol, parseHopRequest } from './hop-protocol.ts'
import { OpenCircuits } from './open-circuits.ts'
import { ReservationTable } from './reservation-table.ts'

/** Streams of one connection beside its circuits: renewals, and requests that are being answered. */
const spareHopStreams = 32

/** What {@link CircuitServer} wants to know. */
export interface CircuitServerOptions {
  readonly limits: CircuitLimits
  readonly policy?: Partial<CircuitPolicy>
  readonly onEvent?: (event: CircuitEvent) => void
  /** Default: the runtime's clock and timers. */
  readonly timers?: Timers
}

/** The service within a libp2p node: takes HOP streams, has them answered, and ends what its peers leave behind. */
export class CircuitServer implements Startable {
  readonly counters = new CircuitCounters()
  readonly held: ReservationTable
  readonly circuits: OpenCircuits
  readonly #components: CircuitComponents
  readonly #parts: CircuitParts
  readonly #tasks: TaskGroup
  readonly #exchanges = new Set<HopExchange>()
  #limits: CircuitLimits
  #isStarted = false

  readonly [Symbol.toStringTag] = '@tsugi/circuit-service'
  readonly [serviceCapabilities] = ['@libp2p/circuit-relay-v2']

  constructor(components: CircuitComponents, options: CircuitServerOptions) {
    const timers = options.timers ?? systemTimers
    const emit = (event: CircuitEvent): void => {
      this.counters.addEvent(event)
      options.onEvent?.(event)
    }
    this.#components = components
    this.#limits = options.limits
    this.#tasks = new TaskGroup({ name: 'circuits', timers })
    this.held = new ReservationTable({
      limits: () => this.#limits,
      now: timers.now,
      onEnded: (peer, reason) => emit({ type: 'reservation:ended', peer, reason }),
    })
    this.circuits = new OpenCircuits({
      limits: options.limits,
      timers,
      onEvent: emit,
      onPacket: bytes => this.counters.addPacket(bytes),
    })
    const policy = { ...openPolicy, ...options.policy }
    const { held, circuits } = this
    this.#parts = { components, policy, timers, held, circuits, limits: () => this.#limits, emit }
  }

  async start(): Promise<void> {
    if (this.#isStarted) return
    this.#isStarted = true
    // A peer that asks for one circuit too many must get a status, so more streams than circuits are let in.
    const maxStreams = Math.min(this.#limits.peerCircuits, 100_000) + spareHopStreams
    await this.#components.registrar.handle(hopProtocol, this.#onHop, {
      maxInboundStreams: maxStreams,
      maxOutboundStreams: 1,
      // Over a circuit the answer is PERMISSION_DENIED, not silence.
      runOnLimitedConnection: true,
    })
    this.#tasks.interval('sweep', this.#limits.circuitSweepMs, () => this.#sweep())
    const events = this.#components.events as ListenerTarget<CustomEvent<PeerId>>
    this.#tasks.listen('disconnects', events, 'peer:disconnect', event => this.releasePeer(event.detail))
  }

  async stop(): Promise<void> {
    if (!this.#isStarted) return
    this.#isStarted = false
    await this.#components.registrar.unhandle(hopProtocol)
    for (const { controller } of this.#exchanges) controller.abort(new Error('The relay stops.'))
    this.circuits.stop()
    this.held.endAll('stopped')
    await this.#tasks.stop()
  }

  /** Ends the reservation and the circuits of a peer that has no connection left. */
  releasePeer(peer: PeerId): void {
    if (this.#components.connectionManager.getConnections(peer).some(each => each.status === 'open')) return
    const name = peer.toString()
    this.held.end(name, 'disconnected')
    this.circuits.closeOf(name, 'disconnected')
  }

  /** Ends a peer's reservation, and its circuits at once when it was banned. */
  revoke(peer: string, reason: Extract<ReservationEndReason & CircuitCloseReason, 'revoked' | 'banned'>): void {
    this.held.end(peer, reason)
    if (reason === 'banned') this.circuits.closeOf(peer, reason)
  }

  /** A peer belongs to another app now: nothing of it may cross apps, or stay where its app is not served. */
  checkApp(peer: PeerId): void {
    const { policy } = this.#parts
    const app = policy.appOf(peer)
    const name = peer.toString()
    if (!policy.isServed(app)) this.held.end(name, 'revoked')
    this.circuits.closeOtherApps(name, app)
  }

  setLimits(limits: CircuitLimits): void {
    this.#limits = limits
    this.circuits.setLimits(limits)
  }

  readonly #onHop: StreamHandler = async (stream, connection) => {
    const exchange = beginExchange(stream, connection, this.#parts.timers)
    this.#exchanges.add(exchange)
    try {
      await this.#answer(exchange)
    } catch (error) {
      stream.abort(error as Error)
    } finally {
      exchange.end()
      this.#exchanges.delete(exchange)
    }
  }

  async #answer(exchange: HopExchange): Promise<void> {
    const { connection, messages, signal, stream } = exchange
    let message: HopMessage
    try {
      message = await messages.read(signal)
    } catch {
      // Somebody who has gone is not there to be told.
      if (signal.aborted && !exchange.isLate) return stream.abort(new Error('no request'))
      const reason = exchange.isLate ? 'timeout' : 'malformed'
      const malformed = { status: 'MALFORMED_MESSAGE', reason, kind: 'connect' } as const
      return refuseExchange(this.#parts, exchange, malformed)
    }
    const request = parseHopRequest(message)
    if (request.type === 'refused') {
      const { status } = request
      const reason = status === 'MALFORMED_MESSAGE' ? 'malformed' : 'unexpected-message'
      return refuseExchange(this.#parts, exchange, { status, reason, kind: 'connect' })
    }
    if (Circuit.matches(connection.remoteAddr)) {
      const denied = { status: 'PERMISSION_DENIED', reason: 'over-a-circuit', kind: request.type } as const
      return refuseExchange(this.#parts, exchange, denied)
    }
    if (!this.#parts.policy.takeRequest(connection.remotePeer, connection.remoteAddr)) {
      const status = request.type === 'reserve' ? 'RESERVATION_REFUSED' : 'RESOURCE_LIMIT_EXCEEDED'
      return refuseExchange(this.#parts, exchange, { status, reason: 'rate', kind: request.type })
    }
    await this.#parts.policy.whenSettled(connection)
    if (request.type === 'connect') return answerConnect(this.#parts, exchange, request.target)
    return answerReserve(this.#parts, exchange, () => this.releasePeer(connection.remotePeer))
  }

  #sweep(): void {
    const checked = this.circuits.joined
    const expired = this.held.sweep()
    const closed = this.circuits.closeIdle(this.#limits.circuitIdleMs)
    if (checked > 0 || expired > 0) this.#parts.emit({ type: 'circuit:swept', checked, closed, expired })
  }
}
