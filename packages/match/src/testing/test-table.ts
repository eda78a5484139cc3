import { type ClockSetting, type Limits, type MatchId, type MatchMessage, readSecretOf } from '@tsugi/protocol'

import { type Effect } from '../effect.ts'
import { type Intent } from '../intent.ts'
import { type MatchEvent } from '../match-event.ts'
import { type MatchMachine, type Step, createMatchMachine } from '../match-machine.ts'
import { type MatchState } from '../match-state.ts'
import { type MatchView } from '../view-types.ts'
import { type HeapState, heapRules } from './heap-rules.ts'

/** How a table for tests is laid. */
export interface TestTableOptions {
  readonly seats?: number
  readonly heap?: number
  readonly clock?: ClockSetting
  readonly limits?: Partial<Limits>
  readonly claimsTime?: boolean
}

/** One side of a match in a test: its machine's state, what it stored, and what it published. */
export class TestSide {
  readonly peer: string
  readonly stored: Uint8Array[] = []
  readonly effects: Effect[] = []
  readonly #machine: MatchMachine<HeapState, number>
  #state: MatchState

  constructor(peer: string, machine: MatchMachine<HeapState, number>, opened: Step) {
    this.peer = peer
    this.#machine = machine
    this.#state = opened.state
  }

  get state(): MatchState {
    return this.#state
  }

  /** Steps, and answers the messages to publish. What was to be stored before them has been. */
  step(event: MatchEvent): { readonly messages: readonly MatchMessage[]; readonly result: Step['result'] } {
    const step = this.#machine.step(this.#state, event)
    this.#state = step.state
    const messages: MatchMessage[] = []
    for (const effect of step.effects) {
      this.effects.push(effect)
      if (effect.type === 'store') this.stored.push(...effect.records)
      if (effect.type === 'publish') messages.push(effect.message)
    }
    return { messages, result: step.result }
  }

  view(now: number): MatchView<HeapState, number> {
    return this.#machine.view(this.#state, now)
  }

  /** What was told since the last call. */
  notices(): readonly string[] {
    const told = this.effects.flatMap(effect => (effect.type === 'notice' ? [effect.notice.type] : []))
    this.effects.length = 0
    return told
  }
}

/** A match of the heap game between sides that hear each other at once, on a clock that a test moves. */
export class TestTable {
  readonly machine: MatchMachine<HeapState, number>
  readonly match: MatchId
  readonly genesis: Uint8Array
  readonly secret = new Uint8Array(16).fill(7)
  readonly sides: TestSide[] = []
  now = 1_000_000

  constructor(options: TestTableOptions = {}) {
    this.machine = createMatchMachine({
      rules: heapRules(options.seats ?? 2),
      ...(options.limits === undefined ? {} : { limits: options.limits }),
      claimsTime: options.claimsTime ?? true,
    })
    const created = this.machine.create({
      app: 'test',
      setup: options.heap ?? 100,
      seat: 0,
      name: 'Ann',
      clock: options.clock ?? { type: 'none' },
      secret: this.secret,
      seatKey: testKey(0),
      now: this.now,
    })
    if (!created.ok) throw new Error(created.code)
    this.match = created.value.match
    this.genesis = created.value.genesis
  }

  /** Opens a side: with a key's number a player, without one a watcher. Side 0 holds the first record. */
  open(key: number | null, records: readonly Uint8Array[] = key === 0 ? [this.genesis] : []): TestSide {
    const peer = `peer-${this.sides.length}`
    const secrets =
      key === null ? { readSecret: readSecretOf(this.secret) } : { secret: this.secret, seatKey: testKey(key) }
    const opened = this.machine.open({ match: this.match, peer, records, now: this.now, ...secrets })
    const side = new TestSide(peer, this.machine, opened)
    side.stored.push(...records)
    this.sides.push(side)
    return side
  }

  /** Two players, seated; nothing is under way. */
  seated(): readonly [TestSide, TestSide] {
    const ann = this.open(0)
    const ben = this.open(1)
    this.deliver(ben, ben.step({ type: 'connected', isConnected: true, now: this.now }).messages)
    this.act(ben, { type: 'sit', name: 'Ben' })
    return [ann, ben]
  }

  /** Acts, and lets everybody hear of it. */
  act(side: TestSide, intent: Intent): Step['result'] {
    const { messages, result } = side.step({ type: 'acted', intent, now: this.now })
    this.deliver(side, messages)
    return result
  }

  /** Time passes for everybody. */
  pass(ms: number): void {
    this.now += ms
    for (const side of this.sides) this.deliver(side, side.step({ type: 'ticked', now: this.now }).messages)
  }

  /** Lets all others hear messages, and what they answer. */
  deliver(from: TestSide, messages: readonly MatchMessage[]): void {
    const open = messages.map(message => ({ from, message }))
    for (let next = open.shift(); next !== undefined; next = open.shift()) {
      for (const side of this.sides) {
        if (side === next.from) continue
        const heard = side.step({ type: 'received', from: next.from.peer, message: next.message, now: this.now })
        for (const message of heard.messages) open.push({ from: side, message })
      }
    }
  }
}

/** A seat key for tests, always the same for one number. */
export function testKey(number: number): Uint8Array {
  return new Uint8Array(32).fill(number + 1)
}
