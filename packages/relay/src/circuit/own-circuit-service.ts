import {
  type Connection,
  type Libp2pEvents,
  type PeerId,
  type PrivateKey,
  type Startable,
  type Stream,
  type StreamHandler,
  type StreamHandlerOptions,
  type TypedEventTarget,
  serviceCapabilities,
} from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { Circuit } from '@multiformats/multiaddr-matcher'
import { type ListenerTarget, TaskGroup, type Timers, systemTimers } from '@tsugi/bounded'

import { Bandwidth } from './bandwidth.ts'
import type { CircuitCloseReason, CircuitEvent, CircuitRefusalReason, ReservationEndReason } from './circuit-events.ts'
import { type CircuitLimits, limitMessage } from './circuit-limits.ts'
import { type CircuitStatus, type HopMessage, hopMessage } from './circuit-messages.ts'
import { type CircuitPolicy, defaultApp } from './circuit-policy.ts'
import type { CircuitService } from './circuit-service.ts'
import { type CircuitRecord, CircuitTable } from './circuit-table.ts'
import { CircuitCounters } from './circuit-totals.ts'
import { hopProtocol, parseHopRequest } from './hop-protocol.ts'
import { answerAndClose } from './hop-responder.ts'
import { type MessageStream, createMessageStream } from './message-stream.ts'
import { reservationAddresses } from './reservation-addresses.ts'
import { type HeldReservation, ReservationTable } from './reservation-table.ts'
import { Splice } from './splice.ts'
import { askTarget } from './stop-protocol.ts'
import { sealVoucher } from './voucher.ts'

/** From the request to the answer, the target's included. */
const handshakeTimeoutMs = 30_000
/** Streams of one connection beside its circuits: renewals, and requests that are being answered. */
const spareHopStreams = 32
/** Connections of the target that are tried. */
const maxAttempts = 2

/** The parts of a libp2p node that the service works with. */
interface CircuitComponents {
  readonly peerId: PeerId
  readonly privateKey: PrivateKey
  readonly registrar: {
    handle(protocol: string, handler: StreamHandler, options?: StreamHandlerOptions): Promise<void>
    unhandle(protocol: string): Promise<void>
  }
  readonly connectionManager: { getConnections(peer?: PeerId): Connection[] }
  readonly addressManager: { getAddresses(): Multiaddr[] }
  readonly events: TypedEventTarget<Libp2pEvents>
}

/** What {@link createOwnCircuitService} wants to know. */
export interface OwnCircuitServiceOptions {
  readonly limits: CircuitLimits
  readonly policy?: CircuitPolicy
  readonly onEvent?: (event: CircuitEvent) => void
  /** Default: the runtime's clock and timers. */
  readonly timers?: Timers
}

/** Our Circuit Relay v2 server behind the seam, with what the statistics and admin APIs ask for. */
export interface OwnCircuitService extends CircuitService {
  circuit(id: number): CircuitRecord | undefined
  circuits(): CircuitRecord[]
  circuitsOf(peer: string): CircuitRecord[]
  /** The order does not matter. */
  circuitsBetween(one: string, other: string): CircuitRecord[]
  reservations(): HeldReservation[]
  /** @returns whether there was such a circuit */
  closeCircuit(id: number, reason?: CircuitCloseReason): boolean
  /** Ends a peer's reservation, and its circuits at once when it was banned. */
  revoke(peer: string, reason: 'revoked' | 'banned'): void
  /** New limits for what comes from now on; rates change at once. */
  setLimits(limits: CircuitLimits): void
}

/**
 * Creates a Circuit Relay v2 server (libp2p/specs/relay/circuit-v2.md): reservations that end with their peer's connection, vouchers,
 * circuits with exact limits, backpressure and fair bandwidth, and an account of every one of them.
 */
export function createOwnCircuitService(options: OwnCircuitServiceOptions): OwnCircuitService {
  let server: CircuitServer | undefined
  const make = (components: CircuitComponents): CircuitServer => {
    server = new CircuitServer(components, options)
    return server
  }
  const list = (ids: readonly number[]): CircuitRecord[] =>
    ids.map(id => server?.table.get(id)).filter(each => each !== undefined)
  return {
    service: make,
    releasePeer: peer => server?.releasePeer(peer),
    stats() {
      const totals = (server?.counters ?? new CircuitCounters()).totals()
      return {
        reservations: server?.held.size ?? 0,
        circuits: server?.openCircuits ?? 0,
        reservationsReleased: totals.reservationsEnded['disconnected'] ?? 0,
        bufferedBytes: server?.bufferedBytes ?? 0,
        totals,
      }
    },
    circuit: id => server?.table.get(id),
    circuits: () => list(server === undefined ? [] : [...server.table.ids()]),
    circuitsOf: peer => list(server?.table.ofPeer(peer) ?? []),
    circuitsBetween: (one, other) => list(server?.table.ofPair(one, other) ?? []),
    reservations: () => server?.held.list() ?? [],
    closeCircuit: (id, reason = 'closed') => server?.closeCircuit(id, reason) ?? false,
    revoke: (peer, reason) => server?.revoke(peer, reason),
    setLimits: limits => server?.setLimits(limits),
  }
}

/** One request on a HOP stream. */
interface HopExchange {
  readonly stream: Stream
  readonly connection: Connection
  readonly messages: MessageStream<HopMessage>
  readonly signal: AbortSignal
}

class CircuitServer implements Startable {
  readonly table = new CircuitTable()
  readonly held: ReservationTable
  readonly counters = new CircuitCounters()
  readonly #components: CircuitComponents
  readonly #policy: CircuitPolicy
  readonly #onEvent: OwnCircuitServiceOptions['onEvent']
  readonly #timers: Timers
  readonly #bandwidth: Bandwidth
  readonly #tasks: TaskGroup
  readonly #splices = new Map<number, Splice>()
  readonly #exchanges = new Set<AbortController>()
  /** Circuits whose target has not answered, by id. */
  readonly #connecting = new Map<number, AbortController>()
  #limits: CircuitLimits
  #isStarted = false

  readonly [Symbol.toStringTag] = '@tsugi/circuit-service'
  readonly [serviceCapabilities] = ['@libp2p/circuit-relay-v2']

  constructor(components: CircuitComponents, options: OwnCircuitServiceOptions) {
    this.#components = components
    this.#limits = options.limits
    this.#policy = options.policy ?? {}
    this.#onEvent = options.onEvent
    this.#timers = options.timers ?? systemTimers
    this.#bandwidth = new Bandwidth(options.limits, this.#timers)
    this.#tasks = new TaskGroup({ name: 'circuits', timers: this.#timers })
    this.held = new ReservationTable({
      limits: () => this.#limits,
      now: this.#timers.now,
      onEnded: (peer, reason) => this.#emit({ type: 'reservation:ended', peer, reason }),
    })
  }

  get openCircuits(): number {
    return this.#splices.size
  }

  get bufferedBytes(): number {
    let bytes = 0
    for (const splice of this.#splices.values()) bytes += splice.bufferedBytes
    return bytes
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
    for (const exchange of this.#exchanges) exchange.abort(new Error('The relay stops.'))
    for (const splice of this.#splices.values()) splice.abort('stopped')
    this.held.endAll('stopped')
    this.#bandwidth.stop()
    await this.#tasks.stop()
  }

  releasePeer(peer: PeerId): void {
    if (this.#components.connectionManager.getConnections(peer).some(each => each.status === 'open')) return
    const name = peer.toString()
    this.held.end(name, 'disconnected')
    for (const id of this.table.ofPeer(name)) this.closeCircuit(id, 'disconnected')
  }

  closeCircuit(id: number, reason: CircuitCloseReason): boolean {
    const splice = this.#splices.get(id)
    if (splice === undefined) {
      this.#connecting.get(id)?.abort(new Error(`The circuit was closed: ${reason}.`))
      return this.#connecting.has(id)
    }
    if (reason === 'banned') splice.abort(reason)
    else splice.close(reason)
    return true
  }

  revoke(peer: string, reason: Extract<ReservationEndReason & CircuitCloseReason, 'revoked' | 'banned'>): void {
    this.held.end(peer, reason)
    if (reason === 'banned') for (const id of this.table.ofPeer(peer)) this.closeCircuit(id, reason)
  }

  setLimits(limits: CircuitLimits): void {
    this.#limits = limits
    this.#bandwidth.setLimits(limits)
  }

  readonly #onHop: StreamHandler = async (stream, connection) => {
    const controller = new AbortController()
    const timer = this.#timers.setTimeout(
      () => controller.abort(new Error('The request took too long.')),
      handshakeTimeoutMs,
    )
    const onClose = (): void => controller.abort(new Error('The caller has gone.'))
    stream.addEventListener('close', onClose)
    this.#exchanges.add(controller)
    const messages = createMessageStream(stream, hopMessage)
    const exchange: HopExchange = { stream, connection, messages, signal: controller.signal }
    try {
      await this.#answer(exchange, controller)
    } catch (error) {
      stream.abort(error as Error)
    } finally {
      this.#timers.clearTimeout(timer)
      stream.removeEventListener('close', onClose)
      this.#exchanges.delete(controller)
    }
  }

  async #answer(exchange: HopExchange, controller: AbortController): Promise<void> {
    let message: HopMessage
    try {
      message = await exchange.messages.read(exchange.signal)
    } catch {
      // Somebody who has gone, or said nothing in time, is not there to be told.
      if (exchange.signal.aborted) exchange.stream.abort(new Error('no request'))
      else await this.#refuse(exchange, 'MALFORMED_MESSAGE', 'malformed')
      return
    }
    const request = parseHopRequest(message)
    if (request.type === 'refused') {
      const reason = request.status === 'MALFORMED_MESSAGE' ? 'malformed' : 'unexpected-message'
      await this.#refuse(exchange, request.status, reason)
    } else if (Circuit.matches(exchange.connection.remoteAddr)) {
      await this.#refuse(exchange, 'PERMISSION_DENIED', 'over-a-circuit', request.type)
    } else if (request.type === 'reserve') {
      await this.#reserve(exchange)
    } else {
      await this.#connect(exchange, request.target, controller)
    }
  }

  async #refuse(
    exchange: HopExchange,
    status: CircuitStatus,
    reason: CircuitRefusalReason,
    kind: 'reserve' | 'connect' = 'connect',
    circuit: { readonly target?: string; readonly circuit?: CircuitRecord } = {},
  ): Promise<void> {
    const peer = exchange.connection.remotePeer.toString()
    if (kind === 'reserve') this.#emit({ type: 'reservation:refused', peer, status, reason })
    else this.#emit({ type: 'circuit:failed', source: peer, ...circuit, status, reason })
    // The caller may have gone, or the handshake's time be over; the answer has its own short time.
    await answerAndClose(exchange.stream, exchange.messages, { status }, AbortSignal.timeout(5_000), this.#timers)
  }

  async #reserve(exchange: HopExchange): Promise<void> {
    const { connection, messages, signal, stream } = exchange
    const peerId = connection.remotePeer
    const peer = peerId.toString()
    if (this.#policy.allowReserve?.(peerId, connection.remoteAddr) === false) {
      return this.#refuse(exchange, 'PERMISSION_DENIED', 'denied', 'reserve')
    }
    // Who holds a slot keeps it: renewing costs nothing more.
    if (this.#policy.isOverloaded?.() === true && this.held.get(peer) === undefined) {
      return this.#refuse(exchange, 'RESOURCE_LIMIT_EXCEEDED', 'overloaded', 'reserve')
    }
    const reserved = this.held.reserve(peer)
    if (reserved === undefined) return this.#refuse(exchange, 'RESERVATION_REFUSED', 'reservations-full', 'reserve')
    const { reservation, isRenewed } = reserved
    const expirationSeconds = reservation.expiresAtMs / 1_000
    const relay = this.#components.peerId
    const voucher = await sealVoucher({ relay, peer: peerId, expirationSeconds }, this.#components.privateKey)
    // It may have disconnected while the voucher was signed.
    if (connection.status !== 'open') {
      this.releasePeer(peerId)
      return stream.abort(new Error('The peer has gone.'))
    }
    const limit = limitMessage(this.#limits)
    const addrs = reservationAddresses(
      this.#components.addressManager.getAddresses(),
      relay.toString(),
      connection.remoteAddr,
    )
    this.#emit({
      type: isRenewed ? 'reservation:renewed' : 'reservation:created',
      peer,
      expiresAtMs: reservation.expiresAtMs,
    })
    await answerAndClose(
      stream,
      messages,
      {
        status: 'OK',
        reservation: { expire: BigInt(expirationSeconds), addrs, voucher },
        ...(limit === undefined ? {} : { limit }),
      },
      signal,
      this.#timers,
    )
  }

  async #connect(exchange: HopExchange, targetId: PeerId, controller: AbortController): Promise<void> {
    const sourceId = exchange.connection.remotePeer
    const source = sourceId.toString()
    const target = targetId.toString()
    const refused = this.#refusal(sourceId, targetId)
    if (refused !== undefined) return this.#refuse(exchange, refused.status, refused.reason, 'connect', { target })

    const app = this.#appOf(sourceId)
    const id = this.table.add({ source, target, app, nowMs: this.#timers.now() })
    this.#emitCircuit('circuit:created', id)
    this.#connecting.set(id, controller)
    const limits = this.#limits
    const limit = limitMessage(limits)
    const answer = await this.#reach(targetId, sourceId, limit, exchange.signal)
    this.#connecting.delete(id)
    if (!answer.ok) {
      const circuit = this.#forget(id)
      const reason = exchange.stream.status === 'open' ? answer.reason : 'caller-gone'
      return this.#refuse(exchange, 'CONNECTION_FAILED', reason, 'connect', { target, ...(circuit && { circuit }) })
    }
    let near: Stream
    try {
      await exchange.messages.write(
        { type: 'STATUS', status: 'OK', ...(limit === undefined ? {} : { limit }) },
        exchange.signal,
      )
      near = exchange.messages.unwrap()
    } catch (error) {
      answer.stream.abort(error as Error)
      const circuit = this.#forget(id)
      return this.#refuse(exchange, 'CONNECTION_FAILED', 'caller-gone', 'connect', {
        target,
        ...(circuit && { circuit }),
      })
    }
    this.#splice(id, near, answer.stream, { source, target, limits })
  }

  /** Why a circuit may not stand, in the order of the specification's statuses. */
  #refusal(source: PeerId, target: PeerId): { status: CircuitStatus; reason: CircuitRefusalReason } | undefined {
    if (source.equals(target)) return { status: 'PERMISSION_DENIED', reason: 'to-itself' }
    if (this.#policy.allowConnect?.(source, target) === false) return { status: 'PERMISSION_DENIED', reason: 'denied' }
    if (this.held.get(target.toString()) === undefined) return { status: 'NO_RESERVATION', reason: 'no-reservation' }
    if (this.#appOf(source) !== this.#appOf(target)) {
      return { status: 'PERMISSION_DENIED', reason: 'other-app' }
    }
    if (this.#policy.isOverloaded?.() === true) return { status: 'RESOURCE_LIMIT_EXCEEDED', reason: 'overloaded' }
    if (this.table.countOfPeer(source.toString()) >= this.#limits.peerCircuits) {
      return { status: 'RESOURCE_LIMIT_EXCEEDED', reason: 'caller-circuits' }
    }
    if (this.table.countOfPeer(target.toString()) >= this.#limits.peerCircuits) {
      return { status: 'RESOURCE_LIMIT_EXCEEDED', reason: 'target-circuits' }
    }
    return undefined
  }

  #appOf(peer: PeerId): string {
    return this.#policy.appOf?.(peer) ?? defaultApp
  }

  /** Asks on the newest connection first: after a reconnect the older ones may be dead without anybody having noticed. */
  async #reach(
    target: PeerId,
    source: PeerId,
    limit: ReturnType<typeof limitMessage>,
    signal: AbortSignal,
  ): ReturnType<typeof askTarget> {
    const connections = this.#components.connectionManager
      .getConnections(target)
      .filter(each => each.status === 'open' && each.limits === undefined)
      .toSorted((a, b) => b.timeline.open - a.timeline.open)
    for (const connection of connections.slice(0, maxAttempts)) {
      const answer = await askTarget(connection, source, limit, signal)
      if (answer.ok || answer.reason === 'target-refused' || signal.aborted) return answer
    }
    return { ok: false, reason: 'target-unreachable' }
  }

  #splice(
    id: number,
    from: Stream,
    to: Stream,
    { source, target, limits }: { source: string; target: string; limits: CircuitLimits },
  ): void {
    const { table, counters } = this
    const { now } = this.#timers
    const splice = new Splice({
      source: from,
      target: to,
      sourcePeer: source,
      targetPeer: target,
      bandwidth: this.#bandwidth,
      maxBytesEachWay: limits.circuitBytes,
      maxDurationMs: limits.circuitDurationMs,
      maxBufferedBytes: limits.circuitBufferBytes,
      timers: this.#timers,
      onPacket: (isFromSource, bytes) => {
        table.count(id, isFromSource, bytes, now())
        counters.addPacket(bytes)
      },
      onEnding: () => table.setState(id, 'disconnecting'),
      onClosed: reason => {
        this.#splices.delete(id)
        const circuit = this.#forget(id)
        if (circuit !== undefined) this.#emit({ type: 'circuit:closed', circuit, reason })
      },
    })
    this.#splices.set(id, splice)
    table.setState(id, 'connected')
    this.#emitCircuit('circuit:accepted', id)
    splice.start()
  }

  #sweep(): void {
    const checked = this.#splices.size
    const expired = this.held.sweep()
    let closed = 0
    const idle = this.#limits.circuitIdleMs
    if (Number.isFinite(idle)) {
      for (const id of this.table.idleSince(this.#timers.now() - idle)) {
        const splice = this.#splices.get(id)
        if (splice === undefined) continue
        splice.close('idle')
        closed += 1
      }
    }
    if (checked > 0 || expired > 0) this.#emit({ type: 'circuit:swept', checked, closed, expired })
  }

  /** Takes a circuit out of the table; answers with its last figures. */
  #forget(id: number): CircuitRecord | undefined {
    const circuit = this.table.get(id)
    this.table.remove(id)
    return circuit === undefined ? undefined : { ...circuit, state: 'closed' }
  }

  #emitCircuit(type: 'circuit:created' | 'circuit:accepted', id: number): void {
    const circuit = this.table.get(id)
    if (circuit !== undefined) this.#emit({ type, circuit })
  }

  #emit(event: CircuitEvent): void {
    this.counters.addEvent(event)
    this.#onEvent?.(event)
  }
}
