import type { Connection, PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { TaskGroup, TaskHandle } from '@tsugi/bounded'
import type { PeerId as PeerIdText, Result, WellKnown } from '@tsugi/protocol'

import type { Reservation, ReserveCode } from '../node/reservation-port.ts'
import type { RelayChangeKind } from '../peer-events.ts'
import { backoffMs } from './backoff.ts'
import type { RelaySource } from './relay-source.ts'
import type { RelayState, RelayStatus } from './relay-status.ts'

/** What one keeper needs from the pool. */
export interface RelayKeeperPorts {
  readonly tasks: TaskGroup
  describe(origin: URL, signal: AbortSignal): Promise<Result<WellKnown>>
  /** Hosts that this relay told us to dial. */
  learnAddresses(addresses: readonly string[]): void
  dial(addresses: readonly string[], signal: AbortSignal): Promise<Connection>
  reserve(relay: PeerId): Promise<Result<Reservation, ReserveCode>>
  /** Marks the connection as one to keep. */
  protect(relay: PeerId): Promise<void>
  onChange(change: RelayChangeKind, keeper: RelayKeeper): void
}

type AttemptOutcome =
  | { readonly kind: 'connected' }
  | { readonly kind: 'spare' }
  | { readonly kind: 'failed'; readonly reason: string }

/** Reservations end with a warning so long before. */
const expiringMs = 2 * 60_000
/** For all addresses of a relay together; one that does not answer is left after some seconds. */
const dialTimeoutMs = 20_000
const retry = { firstMs: 500, maxMs: 30_000 }
/** A relay that refused is full or unwilling: it is asked again more slowly. */
const retryRefused = { firstMs: 5_000, maxMs: 120_000 }

/**
 * Keeps one relay: describes it, dials it, asks for a slot, notices when it goes, and begins again. The stock client does none of
 * the latter: it never comes back to a relay that dropped it.
 */
export class RelayKeeper {
  readonly source: RelaySource
  readonly #ports: RelayKeeperPorts
  readonly #tasks: TaskGroup
  #state: RelayState = 'waiting'
  #since = Date.now()
  #reason: string | undefined
  #retryAt: number | undefined
  #expiresAt: number | undefined
  #relayId: PeerId | undefined
  #connection: Connection | undefined
  #wellKnown: WellKnown | undefined
  #roundTripMs: number | undefined
  #wake: (() => void) | undefined
  #lost: ((reason: string) => void) | undefined
  #isRunning = false
  #expiring: TaskHandle | undefined

  constructor(source: RelaySource, ports: RelayKeeperPorts) {
    this.source = source
    this.#ports = ports
    this.#tasks = ports.tasks
  }

  get state(): RelayState {
    return this.#state
  }

  /** Whether messages can flow over it. */
  get isConnected(): boolean {
    return this.#connection?.status === 'open' && (this.#state === 'reserved' || this.#state === 'refused')
  }

  get isRunning(): boolean {
    return this.#isRunning
  }

  get peerId(): PeerIdText | undefined {
    return this.#relayId?.toString() as PeerIdText | undefined
  }

  get connection(): Connection | undefined {
    return this.#connection
  }

  /** Its own STUN addresses, `stun:host:port`. */
  get stun(): readonly string[] {
    return this.#wellKnown?.stun ?? []
  }

  get status(): RelayStatus {
    return {
      source: this.source.text,
      ...(this.source.kind === 'url' && { url: this.source.url.origin }),
      ...(this.peerId !== undefined && { peerId: this.peerId }),
      state: this.#state,
      since: this.#since,
      ...(this.#expiresAt !== undefined && { expiresAt: this.#expiresAt }),
      ...(this.#reason !== undefined && { reason: this.#reason }),
      ...(this.#retryAt !== undefined && { retryAt: this.#retryAt }),
      ...(this.#roundTripMs !== undefined && { roundTripMs: this.#roundTripMs }),
    }
  }

  /** Begins to keep it, until {@link stop} or until it turns out to be one too many. */
  start(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    this.#tasks.run('keep', signal => this.#keep(signal).finally(() => (this.#isRunning = false)))
  }

  /** Tries again now: the network may be back. */
  wake(): void {
    this.#wake?.()
  }

  noteRoundTrip(roundTripMs: number): void {
    this.#roundTripMs = roundTripMs
  }

  /** The transport holds a slot, for the first time or again. */
  noteReserved(reservation: Reservation): void {
    if (this.#state === 'reserved' && this.#expiresAt !== reservation.expiresAt) {
      this.#setExpiry(reservation.expiresAt)
      this.#ports.onChange('renewed', this)
    }
  }

  /** The slot or the connection is gone. */
  noteLost(reason: string): void {
    this.#lost?.(reason)
  }

  async stop(): Promise<void> {
    await this.#tasks.stop()
    await this.#connection?.close().catch(() => {})
  }

  async #keep(signal: AbortSignal): Promise<void> {
    let attempt = 0
    while (!signal.aborted) {
      this.#set('connecting', undefined)
      const outcome = await this.#attempt(signal)
      if (signal.aborted) return
      if (outcome.kind === 'spare') {
        this.#set('waiting', 'enough relays hold a slot')
        return
      }
      let reason = outcome.kind === 'failed' ? outcome.reason : ''
      if (outcome.kind === 'connected') {
        attempt = 0
        reason = await this.#hold(signal)
        if (signal.aborted) return
      }
      const delayMs = backoffMs(attempt, retry)
      attempt += 1
      this.#set('lost', reason, Date.now() + delayMs)
      await this.#sleep(delayMs, signal)
    }
  }

  async #attempt(signal: AbortSignal): Promise<AttemptOutcome> {
    let addresses: readonly string[] = []
    if (this.source.kind === 'multiaddr') addresses = [this.source.address]
    else {
      const described = await this.#ports.describe(this.source.url, signal)
      // The page may be allowed to open a WebSocket where it may not read a document, so the origin's own port is tried in any case.
      if (described.ok) this.#wellKnown = described.value
      const id = described.ok ? `/p2p/${described.value.peerId}` : ''
      addresses = [this.source.ownAddress + id, ...(described.ok ? described.value.multiaddrs : [])]
    }
    try {
      this.#ports.learnAddresses(addresses)
      const connection = await this.#ports.dial(
        dialable(addresses),
        AbortSignal.any([signal, AbortSignal.timeout(dialTimeoutMs)]),
      )
      this.#connection = connection
      this.#relayId = connection.remotePeer
      await this.#ports.protect(connection.remotePeer)
    } catch (error) {
      return { kind: 'failed', reason: error instanceof Error ? error.message : 'could not be dialled' }
    }
    return this.#reserve()
  }

  async #reserve(): Promise<AttemptOutcome> {
    if (this.#relayId === undefined) return { kind: 'failed', reason: 'not connected' }
    const reserved = await this.#ports.reserve(this.#relayId)
    if (reserved.ok) {
      this.#setExpiry(reserved.value.expiresAt)
      this.#set('reserved', undefined)
      return { kind: 'connected' }
    }
    if (reserved.code === 'reservation/enough') {
      await this.#connection?.close().catch(() => {})
      return { kind: 'spare' }
    }
    if (this.#connection?.status !== 'open') return { kind: 'failed', reason: reserved.detail ?? reserved.code }
    this.#set('refused', reserved.detail ?? reserved.code)
    return { kind: 'connected' }
  }

  /** Stays while the relay does; a slot that it refused is asked for again and again. */
  async #hold(signal: AbortSignal): Promise<string> {
    const gone = Promise.withResolvers<string>()
    this.#lost = gone.resolve
    const onAbort = (): void => gone.resolve('stopped')
    signal.addEventListener('abort', onAbort, { once: true })
    const watch = this.#connection
    const onClose = (): void => gone.resolve('the connection closed')
    watch?.addEventListener('close', onClose)
    if (watch?.status !== 'open') onClose()
    const asking = new AbortController()
    if (this.#state === 'refused') this.#tasks.run('ask again', () => this.#askAgain(asking.signal))
    const reason = await gone.promise
    asking.abort()
    watch?.removeEventListener('close', onClose)
    signal.removeEventListener('abort', onAbort)
    this.#lost = undefined
    this.#expiresAt = undefined
    this.#expiring?.end()
    return reason
  }

  async #askAgain(signal: AbortSignal): Promise<void> {
    for (let attempt = 0; this.#state === 'refused' && !signal.aborted; attempt += 1) {
      const delayMs = backoffMs(attempt, retryRefused)
      this.#retryAt = Date.now() + delayMs
      this.#ports.onChange('refused', this)
      if (!(await this.#tasks.sleep('ask again', delayMs, signal)) || this.#relayId === undefined) return
      const reserved = await this.#ports.reserve(this.#relayId)
      if (signal.aborted) return
      if (reserved.ok) {
        this.#setExpiry(reserved.value.expiresAt)
        this.#set('reserved', undefined)
      } else this.#reason = reserved.detail ?? reserved.code
    }
  }

  async #sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController()
    this.#wake = () => woken.abort()
    await this.#tasks.sleep('retry', delayMs, AbortSignal.any([signal, woken.signal]))
    this.#wake = undefined
  }

  #setExpiry(expiresAt: number): void {
    this.#expiresAt = expiresAt
    const warnInMs = expiresAt - Date.now() - expiringMs
    this.#expiring?.end()
    if (warnInMs <= 0) return
    this.#expiring = this.#tasks.timeout('expiring', Math.min(warnInMs, 2 ** 31 - 1), () => {
      if (this.#expiresAt === expiresAt && this.#state === 'reserved') this.#ports.onChange('expiring', this)
    })
  }

  #set(state: RelayState, reason: string | undefined, retryAt?: number): void {
    if (state !== this.#state) this.#since = Date.now()
    this.#state = state
    this.#reason = reason
    this.#retryAt = retryAt
    this.#ports.onChange(state, this)
  }
}

/** Without a peer id an address is dialled as it is; with one, only those of the same peer may be dialled together. */
function dialable(addresses: readonly string[]): string[] {
  const own = addresses[0] ?? ''
  const id = peerIdOf(own)
  return [...new Set(addresses.filter(address => peerIdOf(address) === id))]
}

function peerIdOf(address: string): string | undefined {
  return multiaddr(address)
    .getComponents()
    .findLast(part => part.name === 'p2p')?.value
}
