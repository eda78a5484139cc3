import type { Connection } from '@libp2p/interface'
import type { TaskGroup } from '@tsugi/bounded'
import type { PeerId } from '@tsugi/protocol'

import { isAbandoned } from '../node/handshake.ts'
import { routeOf } from '../node/route-of.ts'
import { mayTryWebRtc } from '../node/webrtc-budget.ts'
import { backoffMs } from '../relays/backoff.ts'
import type { LinkRoute } from './link-route.ts'
import { type LinkFacts, type LinkState, kindOf, stateOf } from './link-state.ts'
import type { LinkTiming } from './link-timing.ts'
import type { Link, LinkKind } from './link.ts'
import { sortAddresses } from './peer-addresses.ts'
import { RelayRoute } from './relay-route.ts'

/** What one link needs. */
export interface MeshLinkPorts {
  /** Ends with the link. */
  readonly tasks: TaskGroup
  /** Whether direct lines are possible here at all. */
  readonly webrtc: boolean
  readonly timing: LinkTiming
  connections(): Connection[]
  addresses(): readonly string[]
  isConnectedRelay(peer: string): boolean
  dial(addresses: readonly string[], signal: AbortSignal): Promise<Connection>
  /** Whether the peer is on a topic with us. */
  isPresent(): boolean
  /** Whether another circuit may be opened now. */
  hasCircuitRoom(): boolean
  /** Whether messages to the peer travel on a direct connection. */
  isGossipDirect(): boolean
  /** Puts gossip with the peer on the connection where it belongs. */
  settleGossip(): void
  /** Asks the peer to say that it is still here; answers whether it could be asked. */
  ask(isRoutine: boolean): boolean
  onChange(link: MeshLink, previous: LinkKind): void
}

/** The line to one peer: follows its connections, and drives it towards a direct one when that is its part. */
export class MeshLink {
  readonly peer: PeerId
  readonly #ports: MeshLinkPorts
  readonly #relayRoute: RelayRoute
  #since = Date.now()
  #state: LinkState = 'none'
  #reason = 'nothing has been tried yet'
  #attempt: LinkFacts['attempt']
  #isEnded = false
  #roundTripMs: number | null = null
  #route: LinkRoute | null = null
  #upgradeAttempts = 0
  /** Whether the direct line has carried something. */
  #isProven = false
  /** In a row, since the last direct line or the last new address. */
  #upgradeFailures = 0
  /** In a row, since the last circuit, or since the peer was heard again. */
  #circuitFailures = 0
  #isDriving = false
  #wake: (() => void) | undefined

  constructor(peer: PeerId, ports: MeshLinkPorts) {
    this.peer = peer
    this.#ports = ports
    this.#relayRoute = new RelayRoute({
      tasks: ports.tasks,
      timing: ports.timing,
      ask: isRoutine => ports.ask(isRoutine),
      onEnd: reason => this.refresh(reason),
    })
  }

  get kind(): LinkKind {
    return kindOf(this.#state)
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  get isDriving(): boolean {
    return this.#isDriving
  }

  get hasConnection(): boolean {
    return this.#open().length > 0
  }

  get hasCircuit(): boolean {
    return this.#circuits().length > 0
  }

  /** Whether somebody has streams of their own on it, beside what every connection has. */
  get isUsed(): boolean {
    return this.#open().some(isInUse)
  }

  snapshot(): Link {
    return {
      peer: this.peer,
      kind: this.kind,
      state: this.#state,
      reason: this.#reason,
      since: this.#since,
      roundTripMs: this.#roundTripMs,
      route: this.#route,
      upgradeAttempts: this.#upgradeAttempts,
    }
  }

  /** Something of the peer's arrived by gossip. */
  heard(): void {
    if (this.kind === 'none') {
      // It is back, so what failed while it was away says nothing any more.
      this.#circuitFailures = 0
      this.#wake?.()
    }
    if (this.#relayRoute.heard()) this.refresh('messages travel over the relay; no circuit of our own stands')
  }

  /** A peer that only the relay's route reaches goes without anybody noticing; so it is asked when it has been silent for a while. */
  checkRoute(): void {
    if (this.#state === 'routed' && this.#relayRoute.isSilent) this.#relayRoute.doubt(true)
  }

  /** A connection opened. */
  opened(connection: Connection): void {
    if (!connection.direct) {
      this.refresh('a circuit through the relay stands')
      return
    }
    this.#upgradeFailures = 0
    this.#isProven = false
    // What was measured was the circuit.
    this.#roundTripMs = null
    this.#route = null
    this.refresh('a direct line stands')
    this.#ports.settleGossip()
    this.#ports.tasks.timeout('close circuit', this.#ports.timing.graceMs, () => this.#closeCircuits())
  }

  /** A connection closed; `true` when that was the last of the best kind. */
  closed(connection: Connection): boolean {
    const hasDirect = this.#directs().length > 0
    if (connection.direct ? hasDirect : this.hasConnection) return false
    this.#roundTripMs = null
    this.#route = null
    this.#relayRoute.lineBroke(this.#ports.isPresent())
    this.refresh(connection.direct ? 'the direct line broke' : 'the circuit closed')
    return true
  }

  measured(connection: Connection, roundTripMs: number): void {
    if (connection.direct) this.#isProven = true
    if (!connection.direct && this.#directs().length > 0) return
    this.#roundTripMs = roundTripMs
    // The pair of addresses in use may change while the line stands.
    this.#ports.tasks.run('route', async () => {
      const route = await routeOf(connection)
      const isBest = connection.direct || this.#directs().length === 0
      if (connection.status === 'open' && isBest) this.#route = route
    })
  }

  /**
   * Works towards the best line, until there is one or it is given up. `hasNews`: an address or a
   * network is new, so waits end and failures are forgotten.
   */
  drive(hasNews = false): void {
    if (this.#isEnded) return
    if (hasNews) this.#upgradeFailures = 0
    if (this.#isDriving) {
      if (hasNews) this.#wake?.()
      return
    }
    this.#isDriving = true
    this.#ports.tasks.run('drive', signal => this.#drive(signal).finally(() => this.#stopDriving()))
  }

  /** Ends it for good. */
  async end(reason: string): Promise<void> {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#roundTripMs = null
    this.#route = null
    this.refresh(reason)
    const open = this.#open()
    void this.#ports.tasks.stop()
    await Promise.all(open.map(connection => connection.close().catch((error: Error) => connection.abort(error))))
  }

  /** Looks at the facts again; tells if they make another state, or the same one for another reason. */
  refresh(reason: string): void {
    const previous = this.kind
    const before = this.#state
    this.#state = stateOf({
      isEnded: this.#isEnded,
      directConnections: this.#directs().length,
      circuits: this.#circuits().length,
      isRouted: this.#relayRoute.stands,
      attempt: this.#attempt,
    })
    if (this.#state === before) return
    this.#reason = reason
    if (this.kind !== previous) this.#since = Date.now()
    if (this.kind !== previous || this.#state === 'relayed') this.#ports.onChange(this, previous)
  }

  #stopDriving(): void {
    this.#isDriving = false
    this.#wake = undefined
    this.#setAttempt(undefined, 'the attempt ended')
  }

  async #drive(signal: AbortSignal): Promise<void> {
    const { timing } = this.#ports
    while (!signal.aborted && this.#directs().length === 0) {
      if (!this.hasConnection) {
        const failure = await this.#openCircuit(signal)
        if (failure !== undefined) {
          this.#setAttempt(undefined, failure)
          if (this.#state === 'routed') this.#relayRoute.doubt(false)
          await this.#pause(backoffMs(this.#circuitFailures++, timing.retryCircuit), signal)
          continue
        }
        this.#circuitFailures = 0
      }
      const addresses = this.#addresses().direct
      if (!this.#ports.webrtc || addresses.length === 0) {
        this.#say(this.#ports.webrtc ? 'the other side cannot make direct lines' : 'direct lines are switched off here')
        return
      }
      if (this.#upgradeFailures >= timing.maxUpgradeAttempts || !mayTryWebRtc()) {
        this.#say('no direct line could be made; the game goes on over the relay')
        return
      }
      const failure = await this.#upgrade(addresses, signal)
      if (failure === undefined) return
      this.#setAttempt(undefined, failure)
      this.#say(failure)
      await this.#pause(backoffMs(this.#upgradeFailures++, timing.retryUpgrade), signal)
    }
  }

  async #openCircuit(signal: AbortSignal): Promise<string | undefined> {
    const { circuits } = this.#addresses()
    if (circuits.length === 0) return 'the other side holds no slot on a relay'
    if (!this.#ports.hasCircuitRoom()) return 'as many circuits are open as are allowed'
    this.#setAttempt('circuit', 'a circuit is being opened')
    try {
      await this.#ports.dial(
        circuits,
        AbortSignal.any([signal, AbortSignal.timeout(this.#ports.timing.circuitTimeoutMs)]),
      )
      return undefined
    } catch (error) {
      return `no circuit could be opened: ${messageOf(error)}`
    }
  }

  async #upgrade(addresses: readonly string[], signal: AbortSignal): Promise<string | undefined> {
    this.#upgradeAttempts += 1
    this.#setAttempt('upgrade', 'a direct line is being made')
    const { tasks, timing } = this.#ports
    const attempt = new AbortController()
    const over = AbortSignal.any([signal, attempt.signal])
    tasks.run('watch handshake', async () => {
      const sleep = (delayMs: number): Promise<boolean> => tasks.sleep('handshake', delayMs, over)
      if (await isAbandoned(() => this.#open(), sleep)) attempt.abort(new Error('the other side broke off'))
    })
    try {
      await this.#ports.dial(
        addresses.slice(0, 1),
        AbortSignal.any([over, AbortSignal.timeout(timing.upgradeTimeoutMs)]),
      )
      return undefined
    } catch (error) {
      return `no direct line could be made: ${messageOf(attempt.signal.aborted ? attempt.signal.reason : error)}`
    } finally {
      attempt.abort()
    }
  }

  #addresses(): ReturnType<typeof sortAddresses> {
    return sortAddresses(this.#ports.addresses(), peer => this.#ports.isConnectedRelay(peer))
  }

  async #pause(delayMs: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController()
    this.#wake = () => woken.abort()
    await this.#ports.tasks.sleep('retry', delayMs, AbortSignal.any([signal, woken.signal]))
    this.#wake = undefined
  }

  #setAttempt(attempt: LinkFacts['attempt'], reason: string): void {
    this.#attempt = attempt
    this.refresh(reason)
  }

  /** Another reason for the same state. */
  #say(reason: string): void {
    if (this.#reason === reason || this.kind === 'direct' || this.#isEnded) return
    this.#reason = reason
    this.#ports.onChange(this, this.kind)
  }

  /** The direct line has proved itself; gossip, and the streams of others, must be on it before the circuits go. */
  #closeCircuits(attemptsLeft = 10): void {
    const { graceMs } = this.#ports.timing
    const later = (delayMs: number, left: number): void =>
      void this.#ports.tasks.timeout('close circuit', delayMs, () => this.#closeCircuits(left))
    if (this.#directs().length === 0) return
    const isGossipDirect = this.#ports.isGossipDirect()
    if (!isGossipDirect && attemptsLeft > 0) {
      this.#ports.settleGossip()
      later(graceMs / 5, attemptsLeft - 1)
      return
    }
    // A peer that speaks no gossip must at least have answered a ping; a line that is silent is left to whoever watches lines.
    if (!isGossipDirect && !this.#isProven) return
    const circuits = this.#circuits()
    for (const circuit of circuits.filter(connection => !isInUse(connection)))
      circuit.close().catch((error: Error) => circuit.abort(error))
    // A stream cannot move to another connection; it ends where it began.
    if (circuits.some(isInUse)) later(graceMs, attemptsLeft)
  }

  #open(): Connection[] {
    return this.#ports.connections().filter(connection => connection.status === 'open')
  }

  #directs(): Connection[] {
    return this.#open().filter(connection => connection.direct)
  }

  #circuits(): Connection[] {
    return this.#open().filter(connection => !connection.direct)
  }
}

/** Whether somebody has streams of their own on it, beside what every connection has. */
function isInUse({ streams }: Connection): boolean {
  return streams.some(({ protocol }) => !isSystemProtocol(protocol))
}

function isSystemProtocol(protocol: string): boolean {
  // A stream that is being opened has no protocol yet.
  return protocol === '' || /^\/(?:ipfs\/(?:id|ping)|meshsub|webrtc-signaling|libp2p\/circuit)\//.test(protocol)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
