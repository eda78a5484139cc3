import type { Connection, PeerId } from '@libp2p/interface'
import type { TaskGroup } from '@tsugi/bounded'
import type { Limits, Result, WellKnown } from '@tsugi/protocol'

import { hostOf } from '../node/dial-policy.ts'
import type { ReservationPort } from '../node/reservation-port.ts'
import { PeerError } from '../peer-error.ts'
import type { RelayChangeKind } from '../peer-events.ts'
import { RelayKeeper } from './relay-keeper.ts'
import { parseRelaySource } from './relay-source.ts'
import type { RelayStatus } from './relay-status.ts'

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
  readonly reservations: Pick<ReservationPort, 'reserve' | 'follow'>
  readonly describe: (origin: URL, signal: AbortSignal) => Promise<Result<WellKnown>>
  readonly dial: (addresses: readonly string[], signal: AbortSignal) => Promise<Connection>
  readonly protect: (relay: PeerId) => Promise<void>
  readonly onChange: (change: RelayChangeKind, relay: RelayStatus) => void
}

/** Which relays we know, and which of them hold a slot for us. */
export class RelayPool implements Relays {
  readonly #options: RelayPoolOptions
  readonly #keepers = new Map<string, RelayKeeper>()
  /** Hosts that the user named, or a relay that the user named. */
  readonly #hosts = new Set<string>()

  constructor(options: RelayPoolOptions) {
    this.#options = options
  }

  /** Begins; the node has started. */
  start(): void {
    const unfollow = this.#options.reservations.follow((change, reservation) => {
      const keeper = this.#find(reservation.relay)
      if (change === 'created') keeper?.noteReserved(reservation)
      else keeper?.noteLost('the reservation ended')
    })
    this.#options.tasks.own('reservations', unfollow)
    this.#fill()
  }

  list(): RelayStatus[] {
    return [...this.#keepers.values()].map(keeper => keeper.status)
  }

  add(text: string): void {
    const source = parseRelaySource(text)
    if (this.#keepers.has(source.text)) return
    if (this.#keepers.size >= this.#options.limits.knownRelays) {
      throw new PeerError('relay/too-many', `${this.#keepers.size} relays are known already.`)
    }
    const keeper = new RelayKeeper(source, {
      tasks: this.#options.tasks.child('relay'),
      describe: this.#options.describe,
      learnAddresses: addresses => this.#learn(addresses),
      dial: this.#options.dial,
      reserve: relay => this.#options.reservations.reserve(relay),
      protect: this.#options.protect,
      onChange: (change, changed) => this.#changed(change, changed),
    })
    this.#keepers.set(source.text, keeper)
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

  /** The connections to relays over which messages flow. */
  connections(): Connection[] {
    const connected = [...this.#keepers.values()].filter(keeper => keeper.isConnected)
    return connected.flatMap(keeper => keeper.connection ?? [])
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

  #find(peerId: string): RelayKeeper | undefined {
    for (const keeper of this.#keepers.values()) if (keeper.peerId === peerId) return keeper
    return undefined
  }

  #changed(change: RelayChangeKind, keeper: RelayKeeper): void {
    if (change === 'lost' || change === 'refused') this.#fill()
    this.#options.onChange(change, keeper.status)
  }

  /** Lets as many relays work as slots are wanted; what is lost keeps trying beside its replacement. */
  #fill(): void {
    const keepers = [...this.#keepers.values()]
    let missing = this.#options.slots - keepers.filter(keeper => isUseful(keeper)).length
    for (const keeper of keepers) {
      if (missing <= 0) return
      if (keeper.isRunning) continue
      keeper.start()
      missing -= 1
    }
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
  return keeper.isRunning && (keeper.state === 'reserved' || keeper.state === 'connecting')
}
