import type { Connection, PeerId } from '@libp2p/interface'
import type { TaskGroup, TaskHandle } from '@tsugi/bounded'
import { type Limits, type PeerId as PeerIdText, type Result, type WellKnown, refuse } from '@tsugi/protocol'

import { hostOf } from '../node/dial-policy.ts'
import type { Reservation, ReservationPort, ReserveCode } from '../node/reservation-port.ts'
import { PeerError } from '../peer-error.ts'
import type { RelayChangeKind } from '../peer-events.ts'
import type { AskCode } from './ask-relay.ts'
import { type Move, NearerRelay } from './nearer-relay.ts'
import { parseRelayHint, placeOf } from './relay-hint.ts'
import { RelayKeeper, type RelayKeeperPorts, drainingReason } from './relay-keeper.ts'
import { type RelaySource, parseRelaySource } from './relay-source.ts'
import type { RelayState, RelayStatus } from './relay-status.ts'

/** A peer's relays, as its application sees them. */
export interface Relays {
  /** Every known relay as it stands now. */
  list(): RelayStatus[]
  /**
   * Makes another relay known: a URL or a multiaddr. It is used when fewer than the wanted reservations are held. Safe to repeat.
   *
   * @throws PeerError `relay/invalid-address`, `relay/too-many`
   */
  add(source: string): void
  /** Forgets a relay and closes the line to it; answers whether it was known. */
  remove(source: string): Promise<boolean>
  /** Tries what is lost again now, without waiting for its turn. */
  retry(): void
}

/** What {@link RelayPool} needs. */
export interface RelayPoolOptions {
  readonly tasks: TaskGroup
  readonly limits: Pick<Limits, 'knownRelays'>
  /** How many reservations are wanted. */
  readonly slots: number
  readonly nearerEveryMs?: number
  readonly reservations: Pick<ReservationPort, 'reserve' | 'release' | 'follow'>
  readonly describe: (origin: URL, signal: AbortSignal) => Promise<Result<WellKnown>>
  /** Asks a relay that we are connected to for its description. */
  readonly ask: (connection: Connection, signal: AbortSignal) => Promise<Result<WellKnown, AskCode>>
  /** Looks for relays elsewhere; what comes is origins of them, as strangers told them. */
  readonly find?: (signal: AbortSignal) => AsyncIterable<string>
  readonly dial: RelayKeeperPorts['dial']
  readonly protect: (relay: PeerId) => Promise<void>
  /** Whether somebody would miss the line to a relay: a circuit runs over it, or a topic is routed by no other one. */
  readonly isBusy: (relay: PeerIdText) => boolean
  readonly onChange: (change: RelayChangeKind, relay: RelayStatus) => void
}

/** Relays that are asked at once which of them is nearest. */
const maxProbes = 8
/** After that, those that have not answered are taken as they come. */
const probeMs = 1_500
/** Relays that one relay may tell us of. */
const hintsPerRelay = 8
/** A hint that nobody repeats is forgotten, unless it is in use. */
const hintTtlMs = 60 * 60_000
/** How often relays are asked for others when too few are known. */
const askEveryMs = 30_000
const lookEveryMs = 60_000
/** A round costs each relay two readings of its description. */
const nearerEveryMs = 10 * 60_000
/** A relay that has just brought us a message is not left. */
const restMs = 2_000

/** Which relays we know, and which of them hold a slot for us. */
export class RelayPool implements Relays {
  readonly #options: RelayPoolOptions
  readonly #keepers = new Map<string, RelayKeeper>()
  /** Hosts that the user named, or a relay that the user named. */
  readonly #hosts = new Set<string>()
  /** Relays that are being asked for a slot. */
  readonly #asked = new Set<RelayKeeper>()
  /** Called when any relay's state has changed. */
  readonly #watchers = new Set<() => void>()
  #isStarted = false
  #isChoosing = false
  readonly #nearer = new NearerRelay()
  #move: Move | undefined
  #trimming: TaskHandle | undefined
  #askedAt = Number.NEGATIVE_INFINITY

  constructor(options: RelayPoolOptions) {
    this.#options = options
  }

  /** Begins; the node has started. */
  start(): void {
    const unfollow = this.#options.reservations.follow((change, reservation) => {
      const keeper = this.#find(reservation.relay)
      if (change === 'created') keeper?.noteReserved(reservation)
      else if (keeper?.state === 'reserved') keeper.noteLost('the reservation ended')
    })
    this.#options.tasks.own('reservations', unfollow)
    this.#options.tasks.interval('look for relays', lookEveryMs, () => {
      this.#fill()
      for (const keeper of this.#keepers.values()) if (keeper.description.isOld) this.#ask(keeper)
    })
    this.#options.tasks.interval('look for a nearer relay', this.#options.nearerEveryMs ?? nearerEveryMs, () =>
      this.#seekNearer(),
    )
    this.#isStarted = true
    this.#fill()
  }

  list(): RelayStatus[] {
    return [...this.#keepers.values()].map(keeper => keeper.status)
  }

  add(text: string): void {
    const source = parseRelaySource(text)
    const known = this.#at(source)
    if (known?.hintedBy === undefined && known !== undefined) return
    // What the application names takes the place of what was only told.
    if (known !== undefined) this.#forget(known)
    if (this.#keepers.size >= this.#options.limits.knownRelays && !this.#makeRoom()) {
      throw new PeerError('relay/too-many', `${this.#keepers.size} relays are known already.`)
    }
    this.#know(source)
    this.#fill()
  }

  async remove(text: string): Promise<boolean> {
    const keeper = this.#keepers.get(text)
    if (keeper === undefined) return false
    this.#keepers.delete(text)
    await keeper.stop()
    this.#options.onChange('removed', keeper.status)
    this.#fill()
    return true
  }

  retry(): void {
    for (const keeper of this.#keepers.values()) keeper.wake()
  }

  /** Whether messages flow over at least one relay. */
  get isOnline(): boolean {
    return [...this.#keepers.values()].some(keeper => keeper.isConnected)
  }

  /** The connections to relays over which messages flow; those that do not answer only if no other does. */
  connections(): Connection[] {
    const connected = [...this.#keepers.values()].filter(keeper => keeper.isConnected)
    const answering = connected.filter(keeper => !keeper.isSilent)
    return (answering.length > 0 ? answering : connected).flatMap(keeper => keeper.connection ?? [])
  }

  /** How often a connected relay is asked whether it is still there, while it carries nobody; `undefined` for who is none. */
  pingEveryMs(peerId: string): number | undefined {
    const keeper = this.#find(peerId)
    return keeper?.isConnected === true ? keeper.description.pingEveryMs : undefined
  }

  isConnectedRelay(peerId: string): boolean {
    return this.#find(peerId)?.connection?.status === 'open'
  }

  /** Whether a peer is one of our relays, connected or not. */
  isRelay(peerId: string): boolean {
    return this.#find(peerId) !== undefined
  }

  hasHost(host: string): boolean {
    return this.#hosts.has(host)
  }

  /** The relays' own STUN servers. */
  stunAddresses(): string[] {
    const connected = [...this.#keepers.values()].filter(keeper => keeper.isConnected)
    return [...new Set(connected.flatMap(keeper => [...keeper.stun]))]
  }

  noteRoundTrip(peerId: string, roundTripMs: number): void {
    this.#find(peerId)?.noteRoundTrip(roundTripMs)
  }

  /** A message came from a peer. */
  noteHeard(peerId: string): void {
    this.#find(peerId)?.noteHeard()
  }

  /** A peer has not answered for so long. */
  noteSilent(peerId: string, silentMs: number): void {
    this.#find(peerId)?.noteSilent(silentMs)
  }

  /** A connected relay says what it is now. Resolves when what follows from it is done: as many slots are held elsewhere as can be. */
  async noteDescribed(peerId: string, described: WellKnown, signal: AbortSignal): Promise<void> {
    this.#find(peerId)?.noteDescribed(described)
    const count = (state: RelayState): number => this.list().filter(relay => relay.state === state).length
    while (this.#held.length < this.#options.slots && (this.#isChoosing || count('connecting') > 0)) {
      if (signal.aborted) return
      await this.#nextChange(signal)
    }
  }

  #nextChange(signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const done = (): void => {
        this.#watchers.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.#watchers.add(done)
      signal.addEventListener('abort', done)
    })
  }

  #find(peerId: string): RelayKeeper | undefined {
    for (const keeper of this.#keepers.values()) if (keeper.peerId === peerId) return keeper
    return undefined
  }

  #at(source: RelaySource): RelayKeeper | undefined {
    const place = placeOf(source)
    for (const keeper of this.#keepers.values()) if (placeOf(keeper.source) === place) return keeper
    return undefined
  }

  #know(source: RelaySource, hintedBy?: RelayKeeper): void {
    const { describe, dial, protect, reservations, tasks } = this.#options
    const ports = {
      tasks: tasks.child('relay'),
      describe,
      dial,
      protect,
      onDescribed: (described: WellKnown, keeper: RelayKeeper) => this.#learnHints(described, keeper),
      learnAddresses: (addresses: readonly string[]) => this.#learn(addresses),
      isTaken: (relay: PeerId, keeper: RelayKeeper) =>
        [...this.#keepers.values()].some(
          other => other !== keeper && other.connection?.status === 'open' && other.peerId === relay.toString(),
        ),
      reserve: (relay: PeerId, keeper: RelayKeeper) => this.#reserve(relay, keeper),
      release: (relay: PeerId) => reservations.release(relay),
      isOnline: () => this.isOnline,
      onChange: (change: RelayChangeKind, keeper: RelayKeeper) => this.#changed(change, keeper),
    }
    this.#keepers.set(source.text, new RelayKeeper(source, ports, hintedBy))
  }

  /** Another relay's word: a few of each, none in place of what the application named. */
  #learnHints({ relays = [] }: Pick<WellKnown, 'relays'>, from: RelayKeeper): void {
    // One that was only told of tells of others once it has been met.
    if (from.hintedBy !== undefined && !from.isConnected) return
    for (const text of relays.slice(0, hintsPerRelay)) {
      const source = parseRelayHint(text, from.source)
      if (source === undefined) continue
      const known = this.#at(source)
      if (known !== undefined) {
        known.hintedAt = Date.now()
        continue
      }
      const given = [...this.#keepers.values()].filter(keeper => keeper.hintedBy === from).length
      const isFull = this.#keepers.size >= this.#options.limits.knownRelays && !this.#makeRoom(hintTtlMs)
      if (given >= hintsPerRelay || isFull) return
      this.#know(source, from)
    }
    this.#fill()
  }

  /** Forgets the oldest hint that is not in use; answers whether there was one. */
  #makeRoom(olderThanMs = 0): boolean {
    const idle = [...this.#keepers.values()].filter(keeper => keeper.hintedBy !== undefined && !keeper.isRunning)
    const oldest = idle.toSorted((one, other) => one.hintedAt - other.hintedAt)[0]
    if (oldest === undefined || Date.now() - oldest.hintedAt < olderThanMs) return false
    this.#forget(oldest)
    return true
  }

  #forget(keeper: RelayKeeper): void {
    this.#keepers.delete(keeper.source.text)
    this.#options.tasks.run('forget', () => keeper.stop())
    this.#options.onChange('removed', keeper.status)
  }

  #changed(change: RelayChangeKind, keeper: RelayKeeper): void {
    const isDraining = change === 'refused' && keeper.status.reason === drainingReason
    this.#options.onChange(isDraining ? 'draining' : change, keeper.status)
    const isGivenUp = change === 'lost' && keeper.hintedBy !== undefined && keeper.status.retryAt === undefined
    if (isGivenUp) this.#forget(keeper)
    if (change === 'lost' || change === 'refused' || change === 'reserved' || change === 'silent' || keeper.isAlias)
      this.#fill()
    if (change === 'reserved') this.#trim()
    if (change === 'reserved' && keeper.description.isOld) this.#ask(keeper)
    // Messages flow well enough without it.
    if (change === 'refused' && keeper === this.#move?.to) keeper.retire('it was only nearer')
    for (const watcher of this.#watchers) watcher()
  }

  /** Asks for a slot, unless enough are held by relays that answer. */
  async #reserve(relay: PeerId, keeper: RelayKeeper): Promise<Result<Reservation, ReserveCode>> {
    const others = [...this.#keepers.values()].filter(
      other => other !== keeper && (other.isHeld || this.#asked.has(other)),
    )
    if (others.length >= this.#options.slots + Number(this.#move?.to === keeper)) return refuse('reservation/enough')
    this.#asked.add(keeper)
    const reserved = await this.#options.reservations.reserve(relay)
    this.#asked.delete(keeper)
    return reserved
  }

  get #held(): RelayKeeper[] {
    return [...this.#keepers.values()].filter(keeper => keeper.isHeld)
  }

  /** All is well; is there anything better? Its slot is taken first, and then the other's given up. */
  async #seekNearer(): Promise<void> {
    const held = this.#held
    const spare = [...this.#keepers.values()].filter(keeper => !keeper.isRunning && !keeper.isAlias)
    if (this.#missing !== 0 || held.length !== this.#options.slots || spare.length === 0) return
    this.#move = await this.#nearer.look(held, spare, this.#options.tasks.signal)
    if (this.#move !== undefined && this.#missing === 0 && !this.#move.to.isRunning) this.#move.to.start()
  }

  /** There is one too many, because one that was taken for dead answers again, or a nearer one was found: the farthest goes, as soon as nobody misses it. */
  #trim(): void {
    const held = this.#held
    if (held.length <= this.#options.slots) return
    const { from, to } = this.#move ?? {}
    const leaving = from?.isHeld === true && to?.isHeld === true ? [from] : held
    const farthest = leaving
      .toSorted((one, other) => (other.roundTripMs ?? 0) - (one.roundTripMs ?? 0))
      .find(keeper => !this.#isBusy(keeper))
    farthest?.retire('enough relays hold a slot')
    if (farthest !== undefined) this.#move = undefined
    this.#trimming?.end()
    this.#trimming = this.#options.tasks.timeout('trim', restMs, () => this.#trim())
  }

  #isBusy({ heardAt, peerId }: RelayKeeper): boolean {
    return Date.now() - heardAt < restMs || peerId === undefined || this.#options.isBusy(peerId)
  }

  /** How many slots are missing, those that are being asked for not counted. */
  get #missing(): number {
    return this.#options.slots - [...this.#keepers.values()].filter(isUseful).length
  }

  /** Lets as many relays work as slots are wanted; what is lost keeps trying beside its replacement. */
  #fill(): void {
    if (!this.#isStarted || this.#isChoosing || this.#missing <= 0) return
    const idle = [...this.#keepers.values()].filter(keeper => !keeper.isRunning && !keeper.isAlias)
    if (idle.length > this.#missing) {
      this.#isChoosing = true
      this.#options.tasks.run('choose', signal => this.#choose(idle.slice(0, maxProbes), signal))
      return
    }
    for (const keeper of idle) keeper.start()
    if (this.#missing > 0) this.#askForMore()
  }

  /** The nearest are those that answer first. Those that are full, or do not answer, come last. */
  async #choose(idle: readonly RelayKeeper[], signal: AbortSignal): Promise<void> {
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(probeMs)])
    const start = (keeper: RelayKeeper): void => {
      if (this.#missing > 0 && this.#keepers.get(keeper.source.text) === keeper) keeper.start()
    }
    await Promise.all(
      idle.map(async keeper => {
        if ((await keeper.probe(inTime)) && keeper.hasRoom) start(keeper)
      }),
    )
    if (signal.aborted) return
    for (const keeper of idle.toSorted((one, other) => Number(other.hasRoom) - Number(one.hasRoom))) start(keeper)
    this.#isChoosing = false
    for (const watcher of this.#watchers) watcher()
    this.#fill()
  }

  /** Asks the relays at hand for others. What they answer comes back as their descriptions. */
  #askForMore(): void {
    let { find } = this.#options
    if (Date.now() - this.#askedAt < askEveryMs) return
    for (const keeper of this.#keepers.values()) {
      if (!this.#ask(keeper)) continue
      this.#askedAt = Date.now()
      const once = find
      find = undefined
      if (once === undefined) continue
      this.#options.tasks.run('find', async signal => {
        for await (const origin of once(signal)) this.#learnHints({ relays: [origin] }, keeper)
      })
    }
  }

  /** Asks a relay at hand what it is now; answers whether it is one. */
  #ask(keeper: RelayKeeper): boolean {
    const { connection, isConnected } = keeper
    if (!isConnected || connection === undefined) return false
    this.#options.tasks.run('ask', async signal => {
      const described = await this.#options.ask(connection, signal)
      if (described.ok) keeper.noteDescribed(described.value)
      else if (described.code === 'relay/mute') keeper.description.noteMute()
    })
    return true
  }

  #learn(addresses: readonly string[]): void {
    for (const address of addresses) {
      const host = hostOf(address)
      if (host === undefined || this.#hosts.size >= this.#options.limits.knownRelays * 8) continue
      this.#hosts.add(host)
    }
  }
}

function isUseful(keeper: RelayKeeper): boolean {
  return keeper.isRunning && (keeper.isHeld || keeper.state === 'connecting')
}
