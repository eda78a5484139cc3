import { BoundedQueue } from '@tsugi/bounded'
import {
  type ClockSetting,
  type Code,
  type MatchId,
  type Result,
  accept,
  defaultLimits,
  inviteSecretBytes,
  openMessage,
  readKeysOf,
  readSecretOf,
  refuse,
  sealKeptRecord,
  sealMessage,
  sealNonceBytes,
} from '@tsugi/protocol'

import { type Effect } from './effect.ts'
import { type Acted, type Intent } from './intent.ts'
import { type MatchEvent } from './match-event.ts'
import { type MatchMachine, type Step } from './match-machine.ts'
import { type MatchState } from './match-state.ts'
import { RecordKeeping } from './record-keeping.ts'
import { type Seat } from './rules.ts'
import { type SessionEvent, mayDropEvent } from './session-event.ts'
import { type MatchStore, type MatchTransport, type RandomBytes, type SessionClock } from './session-ports.ts'
import { type MatchView } from './view-types.ts'

/** What a session is made of. */
export interface MatchSessionOptions<State, Proposal> {
  readonly machine: MatchMachine<State, Proposal>
  readonly match: MatchId
  /** The invite's secret for those who may play; or the read secret for those who watch. */
  readonly secret?: Uint8Array
  readonly readSecret?: Uint8Array
  /** The 32-byte secret key of this side's seat, kept by the host for this match alone. */
  readonly seatKey?: Uint8Array
  readonly name?: string
  readonly transport: MatchTransport
  readonly store: MatchStore
  readonly clock: SessionClock
  readonly random: RandomBytes
  /** How often time is looked at. Default 1 s. */
  readonly tickMs?: number
}

/** Another game that has been created and offered. */
export interface OfferedRematch {
  readonly match: MatchId
  readonly secret: Uint8Array
  readonly seatKey: Uint8Array
}

/** What the next game starts from. */
export interface RematchTerms {
  readonly app: string
  readonly setup: unknown
  /** The seat that the one who offers takes. */
  readonly seat: Seat
  readonly name: string
  readonly clock: ClockSetting
}

/** Under which name what a keeper hands over is counted. */
const keeperName = 'keeper'

/** Sealed bytes are bound to the topic's name. [S1] */
function sealContext(topic: string): Uint8Array {
  return new Uint8Array(Array.from(`tsugi/1 ${topic}`, character => character.charCodeAt(0)))
}

/**
 * Runs one match: opens it from the store, seals and opens messages, stores before it publishes, and ticks. It does no IO of its own;
 * everything comes through ports. One seat key must be used by one session at a time: two would sign twice with one counter, which
 * is what a cheat looks like.
 */
export class MatchSession<State, Proposal> implements AsyncDisposable {
  readonly match: MatchId
  readonly #options: MatchSessionOptions<State, Proposal>
  readonly #messageKey: Uint8Array
  readonly #context: Uint8Array
  readonly #listeners = new Set<(event: SessionEvent) => void>()
  readonly #queues = new Set<BoundedQueue<SessionEvent>>()
  readonly #stops: (() => void)[] = []
  #state: MatchState
  #peers: ReadonlySet<string> = new Set()
  readonly #keeping: RecordKeeping | null
  #stored: Promise<void> = Promise.resolve()
  #published: Promise<unknown> = Promise.resolve()
  #backlog = 0
  #condition: 'running' | 'failed' | 'stopped' = 'running'
  #stopping: Promise<void> | null = null

  private constructor(options: MatchSessionOptions<State, Proposal>, opened: Step, readSecret: Uint8Array) {
    const keys = readKeysOf(readSecret)
    this.match = options.match
    this.#options = options
    this.#messageKey = keys.messageKey
    this.#context = sealContext(keys.topic)
    this.#state = opened.state
    const { machine, transport } = options
    this.#keeping =
      transport.keeper === undefined
        ? null
        : new RecordKeeping({
            keeper: transport.keeper,
            held: () => machine.records(this.#state),
            seal: record => sealKeptRecord(record, this.#messageKey, this.#context),
            mayBring: () => this.view.mySeat !== null,
            onFound: sealed => this.#onFound(sealed),
            isRunning: () => this.#condition === 'running',
            now: () => this.#now(),
          })
  }

  /**
   * Opens a match from its store and goes on from there.
   *
   * @throws MatchError when neither secret nor read secret is given; whatever the store throws when it cannot be read
   */
  static async open<State, Proposal>(
    options: MatchSessionOptions<State, Proposal>,
  ): Promise<MatchSession<State, Proposal>> {
    const { machine, match, secret, readSecret, seatKey, name, transport, clock } = options
    const records = await options.store.load(match)
    const opened = machine.open({
      match,
      peer: transport.peer,
      records,
      now: clock.now(),
      ...(secret === undefined ? {} : { secret }),
      ...(readSecret === undefined ? {} : { readSecret }),
      ...(seatKey === undefined ? {} : { seatKey }),
      ...(name === undefined ? {} : { name }),
    })
    const session = new MatchSession(options, opened, opened.state.readSecret)
    session.#start(opened)
    return session
  }

  /** What there is to show now. */
  get view(): MatchView<State, Proposal> {
    return this.#options.machine.view(this.#state, this.#options.clock.now())
  }

  /** The signed records of all that is held, parents first. */
  get records(): readonly Uint8Array[] {
    return this.#options.machine.records(this.#state)
  }

  /** The rules' state after a ply of `view.moves`; 0 is before the first. Null when there is no such ply. */
  stateAt(ply: number): State | null {
    return this.#options.machine.stateAt(this.#state, ply)
  }

  /** Does what a person wants. The view shows it at once; this settles when the record is safe and can be sent. */
  async act(intent: Intent): Promise<Result<Acted, Code>> {
    if (this.#condition === 'stopped') return refuse('session/stopped')
    if (this.#condition === 'failed') return refuse('session/store-failed')
    const step = this.#step({ type: 'acted', intent, now: this.#now() })
    await this.#stored
    // Storing, meanwhile, may have failed.
    if (this.#hasFailed()) return refuse('session/store-failed')
    return step.result ?? refuse('session/stopped')
  }

  /** Creates another game, stores its first record, and offers it to the others of this one. */
  async offerRematch(terms: RematchTerms): Promise<Result<OfferedRematch, Code>> {
    const { machine, random, store } = this.#options
    const secret = random(inviteSecretBytes)
    const seatKey = random(32)
    const created = machine.create({ ...terms, secret, seatKey, now: this.#now() })
    if (!created.ok) return created
    const { match, genesis } = created.value
    await store.append(match, [genesis])
    const offered = await this.act({ type: 'rematch', match, secret })
    return offered.ok ? accept({ match, secret, seatKey }) : offered
  }

  /** Tells the others whether this side's person is looking. */
  setStatus(status: 'here' | 'away'): void {
    if (this.#condition === 'running') this.#step({ type: 'status', status, now: this.#now() })
  }

  /** Calls back with every event, at once; answers how to stop that. */
  on(listener: (event: SessionEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Events to iterate over: at most `gameEventBuffer` wait; beyond that the oldest that tells of no record is dropped. */
  events(): BoundedQueue<SessionEvent> {
    const queue = new BoundedQueue<SessionEvent>({
      capacity: defaultLimits.gameEventBuffer,
      overflow: 'drop-oldest',
      mayDrop: mayDropEvent,
    })
    if (this.#condition === 'stopped') queue.close()
    else this.#queues.add(queue)
    return queue
  }

  /** Says goodbye, lets what is under way finish, and ends everything. Safe to repeat. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  #start(opened: Step): void {
    const { transport, clock } = this.#options
    this.#carryOut(opened.effects)
    this.#stops.push(
      clock.every(this.#options.tickMs ?? 1_000, () => {
        this.#step({ type: 'ticked', now: this.#now() })
        this.#keeping?.tick()
      }),
      transport.listen({
        onMessage: (from, bytes) => this.#onMessage(from, bytes),
        onPeers: peers => this.#onPeers(peers),
        onKeeper: () => this.#keeping?.compare(),
        onConnected: isConnected => this.#step({ type: 'connected', isConnected, now: this.#now() }),
      }),
    )
    this.#step({ type: 'connected', isConnected: true, now: this.#now() })
  }

  async #stop(): Promise<void> {
    if (this.#condition === 'running') this.#step({ type: 'status', status: 'leaving', now: this.#now() })
    this.#condition = 'stopped'
    for (const stop of this.#stops.splice(0)) stop()
    await this.#stored
    await this.#published
    await this.#keeping?.settled()
    this.#tell({ type: 'stopped' })
    for (const queue of this.#queues) queue.close()
    this.#queues.clear()
    this.#listeners.clear()
  }

  #onMessage(from: string, bytes: Uint8Array): void {
    const now = this.#now()
    const message = openMessage(bytes, this.#messageKey, this.#context)
    if (message.ok) this.#step({ type: 'received', from, message: message.value, now })
    else this.#step({ type: 'unreadable', from, code: message.code, now })
  }

  /** Takes in what was kept; answers whether any of it was new. */
  #onFound(sealed: readonly Uint8Array[]): boolean {
    const now = this.#now()
    const before = this.#options.machine.records(this.#state).length
    const records: Uint8Array[] = []
    for (const bytes of sealed) {
      const message = openMessage(bytes, this.#messageKey, this.#context)
      if (!message.ok) this.#step({ type: 'unreadable', from: keeperName, code: message.code, now })
      else if (message.value.t === 'records') records.push(...message.value.records)
    }
    this.#step({ type: 'found', from: keeperName, records, now })
    return this.#options.machine.records(this.#state).length > before
  }

  #onPeers(peers: readonly string[]): void {
    const before = this.#peers
    this.#peers = new Set(peers)
    const joined = peers.filter(peer => !before.has(peer))
    if (joined.length > 0) this.#step({ type: 'peers-joined', peers: joined, now: this.#now() })
    for (const peer of before) {
      if (!this.#peers.has(peer)) this.#step({ type: 'peer-left', peer, now: this.#now() })
    }
  }

  #step(event: MatchEvent): Step {
    if (this.#condition !== 'running') return { state: this.#state, effects: [] }
    const step = this.#options.machine.step(this.#state, event)
    this.#state = step.state
    this.#carryOut(step.effects)
    return step
  }

  /** Storing and publishing happen one after another, in the machine's order; telling happens at once. */
  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === 'store' || effect.type === 'publish') this.#enqueue(effect)
      else if (effect.type === 'keep') {
        this.#keeping?.keep(
          effect.records,
          this.#stored.then(() => !this.#hasFailed()),
        )
      } else this.#tell(effect)
    }
  }

  #enqueue(effect: Extract<Effect, { type: 'store' | 'publish' }>): void {
    if (effect.type === 'store') {
      this.#stored = this.#stored.then(() => this.#store(effect.records))
      return
    }
    // A transport that hangs must not pile up messages: what is left out here is asked for again.
    if (this.#backlog >= defaultLimits.gameEventBuffer) return
    this.#backlog += 1
    this.#published = Promise.all([this.#stored, this.#published]).then(async () => {
      this.#backlog -= 1
      if (!this.#hasFailed()) await this.#publish(effect)
    })
  }

  async #store(records: readonly Uint8Array[]): Promise<void> {
    if (this.#hasFailed()) return
    try {
      await this.#options.store.append(this.match, records)
    } catch (cause) {
      this.#condition = 'failed'
      this.#tell({ type: 'failed', cause })
    }
  }

  async #publish({ message }: Extract<Effect, { type: 'publish' }>): Promise<void> {
    const nonce = this.#options.random(sealNonceBytes)
    try {
      await this.#options.transport.publish(sealMessage(message, this.#messageKey, nonce, this.#context))
    } catch {
      // Nobody is there, or the line is down: the next exchange of heads brings it.
    }
  }

  #tell(event: SessionEvent): void {
    for (const listener of this.#listeners) listener(event)
    for (const queue of this.#queues) queue.push(event)
  }

  #hasFailed(): boolean {
    return this.#condition === 'failed'
  }

  #now(): number {
    return this.#options.clock.now()
  }
}

/** The topic of a match, for whoever joins it: the name that goes into `peer.topics.join`. */
export function matchTopic(secrets: { readonly secret: Uint8Array } | { readonly readSecret: Uint8Array }): string {
  return readKeysOf('secret' in secrets ? readSecretOf(secrets.secret) : secrets.readSecret).topic
}
