import type { Connection, PeerId } from '@libp2p/interface'
import type { TaskGroup, TaskHandle } from '@tsugi/bounded'
import type { PeerId as PeerIdText, Result, WellKnown } from '@tsugi/protocol'

import { type RelayTransport, transportOf } from '../node/relay-transport.ts'
import type { Reservation, ReserveCode } from '../node/reservation-port.ts'
import type { RelayChangeKind } from '../peer-events.ts'
import { backoffMs } from './backoff.ts'
import { RelayDescription } from './relay-description.ts'
import { RelayDialer } from './relay-dialer.ts'
import type { RelaySource } from './relay-source.ts'
import type { RelayState, RelayStatus } from './relay-status.ts'

/** What one keeper needs from the pool. */
export interface RelayKeeperPorts {
  readonly tasks: TaskGroup
  describe(origin: URL, signal: AbortSignal): Promise<Result<WellKnown>>
  /** What a relay says of itself, and of others. */
  onDescribed(described: WellKnown, keeper: RelayKeeper): void
  /** Hosts that may be dialled because of this relay. */
  learnAddresses(addresses: readonly string[]): void
  /** Whether another keeper has a line to this peer: two names of one relay. */
  isTaken(relay: PeerId, keeper: RelayKeeper): boolean
  /** @param silent - the way of the line that stands, when another is wanted because it does not answer */
  dial(addresses: readonly string[], signal: AbortSignal, silent?: RelayTransport): Promise<Connection>
  reserve(relay: PeerId, keeper: RelayKeeper): Promise<Result<Reservation, ReserveCode>>
  /** Gives a slot back. */
  release(relay: PeerId): void
  /** Marks the connection as one to keep. */
  protect(relay: PeerId): Promise<void>
  /** Whether messages flow over any relay. */
  isOnline(): boolean
  onChange(change: RelayChangeKind, keeper: RelayKeeper): void
}

type AttemptOutcome =
  | { readonly kind: 'connected' }
  | { readonly kind: 'spare'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string }

/** Reservations end with a warning so long before. */
const expiringMs = 2 * 60_000
/** So often after a loss a relay that says nothing at all is dialled by every way that it had: browsers allow a page only so many WebRTC connections. */
const maxBlindTries = 3
const retry = { firstMs: 500, maxMs: 30_000 }
/** While nothing carries our messages, and nobody answers there whom that could burden, a wait is a fifth of the time that it has been gone. */
const retryGone = { ...retry, factor: 1.2 }
/** A relay that refused is full or unwilling: it is asked again more slowly. */
const retryRefused = { firstMs: 5_000, maxMs: 120_000 }
/** A relay that only another one told of gets so many tries. */
const maxHintTries = 3
/** One that has held a slot for us is waited for some minutes: it may only be restarting. */
const maxReturnTries = 20
/** The reason of `refused` when the relay is about to end. */
export const drainingReason = 'draining'

/**
 * Keeps one relay: describes it, dials it, asks for a slot, notices when it goes, and begins again. The stock client does none of
 * the latter: it never comes back to a relay that dropped it.
 */
export class RelayKeeper {
  readonly source: RelaySource
  /** The relay that told us of it; absent when the application named it. */
  readonly hintedBy: RelayKeeper | undefined
  /** When it was last told of. */
  hintedAt = Date.now()
  readonly #ports: RelayKeeperPorts
  readonly #tasks: TaskGroup
  readonly #description: RelayDescription
  readonly #dialer: RelayDialer
  #state: RelayState = 'waiting'
  #since = Date.now()
  #reason: string | undefined
  #retryAt: number | undefined
  #expiresAt: number | undefined
  #relayId: PeerId | undefined
  #connection: Connection | undefined
  /** A line to it by another way, which takes the place of one that is closed because it did not answer. */
  #other: Connection | undefined
  #roundTripMs: number | undefined
  #aliasOf: PeerId | undefined
  #wake: (() => void) | undefined
  #lost: ((reason: string) => void) | undefined
  #isRunning = false
  #hasServed = false
  #isSilent = false
  #heardAt = 0
  #retiring: string | undefined
  #expiring: TaskHandle | undefined

  constructor(source: RelaySource, ports: RelayKeeperPorts, hintedBy?: RelayKeeper) {
    this.source = source
    this.hintedBy = hintedBy
    this.#ports = ports
    this.#tasks = ports.tasks
    this.#description = new RelayDescription({
      source,
      describe: (origin, signal) => ports.describe(origin, signal),
      onRead: described => this.noteDescribed(described),
    })
    this.#dialer = new RelayDialer({
      source,
      isNamed: hintedBy === undefined,
      description: this.#description,
      probe: signal => this.probe(signal),
      learnAddresses: addresses => ports.learnAddresses(addresses),
      dial: (addresses, signal, silent) => ports.dial(addresses, signal, silent),
    })
  }

  get state(): RelayState {
    return this.#state
  }

  /** Whether messages can flow over it. */
  get isConnected(): boolean {
    return this.#connection?.status === 'open' && (this.#state === 'reserved' || this.#state === 'refused')
  }

  /** Whether it was found to be another name of a relay that still serves us: no second slot can be had by it. */
  get isAlias(): boolean {
    return this.#aliasOf !== undefined && this.#ports.isTaken(this.#aliasOf, this)
  }

  get isRunning(): boolean {
    return this.#isRunning
  }

  /** Whether it holds a slot for us, and answers. */
  get isHeld(): boolean {
    return this.#state === 'reserved' && !this.#isSilent
  }

  /** Whether it is connected and does not answer: dead, or only slow. */
  get isSilent(): boolean {
    return this.#isSilent
  }

  /** When it last brought us a message. */
  get heardAt(): number {
    return this.#heardAt
  }

  get roundTripMs(): number | undefined {
    return this.#roundTripMs
  }

  get peerId(): PeerIdText | undefined {
    return this.#relayId?.toString() as PeerIdText | undefined
  }

  get connection(): Connection | undefined {
    return this.#connection
  }

  /** Whether it is worth asking for a slot, as far as is known. */
  get hasRoom(): boolean {
    return this.#description.hasRoom
  }

  /** What it says of itself, and how old that is. */
  get description(): Pick<RelayDescription, 'pingEveryMs' | 'isOld' | 'noteMute'> {
    return this.#description
  }

  /** Its own STUN addresses, `stun:host:port`. */
  get stun(): readonly string[] {
    return this.#description.known?.stun ?? []
  }

  get status(): RelayStatus {
    const reason = this.#isSilent ? 'it does not answer' : this.#reason
    const transport = this.isConnected && this.#connection && transportOf(this.#connection.remoteAddr)
    return {
      source: this.source.text,
      ...(this.source.kind === 'url' && { url: this.source.url.origin }),
      ...(this.peerId !== undefined && { peerId: this.peerId }),
      state: this.#state,
      since: this.#since,
      ...(this.#expiresAt !== undefined && { expiresAt: this.#expiresAt }),
      ...(reason !== undefined && { reason }),
      ...(this.#retryAt !== undefined && { retryAt: this.#retryAt }),
      ...(this.#roundTripMs !== undefined && { roundTripMs: this.#roundTripMs }),
      ...(transport && { transport }),
    }
  }

  /** Reads its description, which also measures how far away it is. Answers whether it could be read, or needs none. */
  async probe(signal: AbortSignal): Promise<boolean> {
    const { isKnown, tookMs } = await this.#description.probe(signal)
    this.#roundTripMs ??= tookMs
    return isKnown
  }

  /** How long it takes to read its description on a line that stands already; `undefined` when it cannot be read. */
  measure(signal: AbortSignal): Promise<number | undefined> {
    return this.#description.measure(signal)
  }

  /** What it says of itself now. One that drains keeps its line until it ends it, and its slot is given up for another relay's. */
  noteDescribed(described: WellKnown): void {
    this.#description.note(described)
    this.#ports.onDescribed(described, this)
    if (!described.draining || this.#relayId === undefined || !this.isConnected) return
    this.#set('refused', drainingReason)
    this.#expiresAt = undefined
    this.#expiring?.end()
    this.#ports.release(this.#relayId)
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
    this.#noteAnswer()
  }

  /** It has brought us a message. */
  noteHeard(): void {
    this.#heardAt = Date.now()
    this.#noteAnswer()
  }

  /** It has not answered for so long. The line is kept until it is dead for sure; another relay takes its place meanwhile. */
  noteSilent(silentMs: number): void {
    if (!this.isConnected || this.#isSilent || Date.now() - this.#heardAt < silentMs) return
    this.#isSilent = true
    this.#ports.onChange('silent', this)
    this.#tasks.run('find another way', signal => this.#findOther(signal))
  }

  /** Gives its slot and its line up, in order: it is not needed any more. */
  retire(reason: string): void {
    if (!this.isConnected) return
    this.#retiring = reason
    this.#lost?.(reason)
  }

  #noteAnswer(): void {
    if (!this.#isSilent) return
    this.#isSilent = false
    this.#ports.onChange(this.#state, this)
  }

  /** The transport holds a slot, for the first time or again. */
  noteReserved(reservation: Reservation): void {
    // Without a line that is watched, the slot that was just asked for is on its way.
    if (this.#lost !== undefined && this.#state === 'reserved' && this.#expiresAt !== reservation.expiresAt) {
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
    await this.#closeLines()
  }

  async #closeLines(): Promise<void> {
    await Promise.allSettled([this.#connection?.close(), this.#other?.close()])
  }

  async #keep(signal: AbortSignal): Promise<void> {
    let attempt = 0
    // Counted by itself: one that answers again, as when it starts, is not what it was while it was gone.
    let gone = 0
    while (!signal.aborted) {
      const outcome = await (this.#takeOther()
        ? this.#reserve()
        : this.#attempt(signal, gone + attempt <= maxBlindTries))
      if (signal.aborted) return
      if (outcome.kind === 'spare') {
        this.#set('waiting', outcome.reason)
        return
      }
      let reason = outcome.kind === 'failed' ? outcome.reason : ''
      if (outcome.kind === 'connected') {
        attempt = gone = 0
        this.#hasServed = true
        reason = await this.#hold(signal)
        this.#isSilent = false
        if (signal.aborted) return
        if (this.#retiring !== undefined) {
          this.#retiring = undefined
          if (this.#relayId !== undefined) this.#ports.release(this.#relayId)
          await this.#closeLines()
          this.#set('waiting', reason)
          return
        }
      }
      if (this.hintedBy !== undefined && attempt + 1 >= (this.#hasServed ? maxReturnTries : maxHintTries)) {
        this.#set('lost', reason)
        return
      }
      if (this.#other?.status === 'open') continue
      this.#description.doubt()
      const isAwaited = this.#description.isGone && this.hintedBy === undefined && !this.#ports.isOnline()
      const delayMs = isAwaited ? backoffMs(gone++, retryGone) : backoffMs(attempt++, retry)
      this.#set('lost', reason, Date.now() + delayMs)
      await this.#sleep(delayMs, signal)
    }
  }

  async #findOther(signal: AbortSignal): Promise<void> {
    const line = this.#connection
    if (line === undefined) return
    const isWanted = (): boolean => this.#isSilent && this.#connection === line && line.status === 'open'
    const other = await this.#dialer.dialOther(line, isWanted, signal)
    if (other === undefined) return
    this.#other = other
    line.abort(new Error('The relay answers by another way.'))
  }

  /** Goes on by the line that was found while the one before was silent, where there is one. All that the relay holds for us stood on the one before. */
  #takeOther(): boolean {
    const other = this.#other
    this.#other = undefined
    if (other?.status !== 'open') return false
    this.#connection = other
    return true
  }

  /** @param isBlind - whether a relay that says nothing at all is dialled as it described itself before */
  async #attempt(signal: AbortSignal, isBlind: boolean): Promise<AttemptOutcome> {
    this.#set('connecting', undefined)
    try {
      const connection = await this.#dialer.dial(signal, isBlind)
      if (this.#ports.isTaken(connection.remotePeer, this)) {
        this.#aliasOf = connection.remotePeer
        return { kind: 'spare', reason: 'another name of a relay in use' }
      }
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
    const reserved = await this.#ports.reserve(this.#relayId, this)
    if (reserved.ok) {
      this.#setExpiry(reserved.value.expiresAt)
      this.#set('reserved', undefined)
      return { kind: 'connected' }
    }
    if (reserved.code === 'reservation/enough') {
      await this.#connection?.close().catch(() => {})
      return { kind: 'spare', reason: 'enough relays hold a slot' }
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
    else if (this.#retiring !== undefined) gone.resolve(this.#retiring)
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
      if (this.#reason === drainingReason) return
      const delayMs = backoffMs(attempt, retryRefused)
      this.#retryAt = Date.now() + delayMs
      this.#ports.onChange('refused', this)
      if (!(await this.#tasks.sleep('ask again', delayMs, signal)) || this.#relayId === undefined) return
      const reserved = await this.#ports.reserve(this.#relayId, this)
      if (signal.aborted || this.#reason === drainingReason) return
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
