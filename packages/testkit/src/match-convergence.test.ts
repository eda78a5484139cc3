import { type Effect, type Intent, type MatchMachine, type MatchState, createMatchMachine } from '@tsugi/match'
import { type HeapState, heapRules, testKey } from '@tsugi/match/testing'
import { type MatchMessage, readSecretOf } from '@tsugi/protocol'
import { decodeMessage, encodeMessage } from '@tsugi/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { FakeClock, MemoryMesh, SeededRandom, faultless } from './index.ts'

const secret = new Uint8Array(16).fill(3)

/** A side of a match on the mesh; the mesh carries messages unsealed, because sealing is not what is tested here. */
class Side {
  readonly peer: string
  readonly stored: Uint8Array[] = []
  readonly #machine: MatchMachine<HeapState, number>
  readonly #mesh: MemoryMesh
  readonly #clock: FakeClock
  state: MatchState

  constructor(
    peer: string,
    key: number | null,
    records: readonly Uint8Array[],
    parts: {
      readonly machine: MatchMachine<HeapState, number>
      readonly match: Parameters<MatchMachine<HeapState, number>['open']>[0]['match']
      readonly mesh: MemoryMesh
      readonly clock: FakeClock
    },
  ) {
    this.peer = peer
    this.#machine = parts.machine
    this.#mesh = parts.mesh
    this.#clock = parts.clock
    this.stored.push(...records)
    const who = key === null ? { readSecret: readSecretOf(secret) } : { secret, seatKey: testKey(key) }
    this.state = this.#machine.open({ match: parts.match, peer, records, now: this.#clock.now(), ...who }).state
    this.#mesh.join(peer, {
      onMessage: (from, bytes) => this.#receive(from, bytes),
      // Not told who is there: what is held must become the same all the same.
      onPeers: () => {},
    })
  }

  act(intent: Intent): boolean {
    const step = this.#machine.step(this.state, { type: 'acted', intent, now: this.#clock.now() })
    this.#carryOut(step.effects)
    return step.result?.ok === true
  }

  tick(): void {
    this.#carryOut(this.#machine.step(this.state, { type: 'ticked', now: this.#clock.now() }).effects)
  }

  connect(): void {
    this.#carryOut(
      this.#machine.step(this.state, { type: 'connected', isConnected: true, now: this.#clock.now() }).effects,
    )
  }

  view() {
    return this.#machine.view(this.state, this.#clock.now())
  }

  #receive(from: string, bytes: Uint8Array): void {
    const message = decodeMessage(bytes)
    if (!message.ok) throw new Error(message.code)
    this.#carryOut(
      this.#machine.step(this.state, { type: 'received', from, message: message.value, now: this.#clock.now() })
        .effects,
    )
  }

  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === 'store') this.stored.push(...effect.records)
      if (effect.type === 'publish') this.#mesh.publish(this.peer, encodeMessage(effect.message satisfies MatchMessage))
    }
  }
}

/** Everything about a side that must be the same everywhere. */
function shownBy(side: Side) {
  const view = side.view()
  return {
    head: view.head,
    moves: view.moves.map(({ ply, seat, kind, move, hash }) => ({ ply, seat, kind, move, hash })),
    phase: view.phase,
    state: view.state,
    outcome: view.outcome,
    undo: view.undo,
    settling: view.settling,
    proofs: view.proofs.map(proof => proof.records),
    held: [...side.state.tree.nodes()].map(node => node.record.hash).toSorted(),
  }
}

interface World {
  readonly random: SeededRandom
  readonly mesh: MemoryMesh
  readonly clock: FakeClock
  readonly sides: Side[]
  open(peer: string, key: number | null, records?: readonly Uint8Array[]): Side
  genesis: Uint8Array
}

function world(seed: number, seats = 2, maxSideRecords = 250): World {
  const random = new SeededRandom(seed)
  const mesh = new MemoryMesh(random)
  const clock = new FakeClock()
  const machine = createMatchMachine({ rules: heapRules(seats), limits: { gameSideRecords: maxSideRecords } })
  const created = machine.create({
    app: 'test',
    setup: 60,
    seat: 0,
    name: 'Ann',
    clock: { type: 'none' },
    secret,
    seatKey: testKey(0),
    now: clock.now(),
  })
  if (!created.ok) throw new Error(created.code)
  const { match, genesis } = created.value
  const sides: Side[] = []
  return {
    random,
    mesh,
    clock,
    sides,
    genesis,
    open(peer, key, records = key === 0 ? [genesis] : []) {
      const side = new Side(peer, key, records, { machine, match, mesh, clock })
      sides.push(side)
      side.connect()
      return side
    },
  }
}

/** Lets the mesh heal, and everybody tell everybody what they hold. */
function heal({ mesh, clock, sides }: World, rounds = 8): void {
  mesh.setFaults(faultless)
  mesh.partition()
  for (let round = 0; round < rounds; round++) {
    clock.advance(61_000)
    for (const side of sides) side.tick()
    mesh.deliverAll()
  }
}

/** Something that a person might do, legal or not. */
function anyIntent(random: SeededRandom): Intent {
  return random.pick<Intent>([
    { type: 'move', move: 1 + random.below(4) },
    { type: 'move', move: 1 + random.below(3) },
    { type: 'move', move: 1 },
    { type: 'pass' },
    { type: 'undo-ask' },
    { type: 'undo-grant' },
    { type: 'undo-refuse' },
    { type: 'propose', proposal: random.below(3) },
    { type: 'accept' },
    { type: 'accept' },
    { type: 'resume' },
    ...(random.chance(0.05) ? [{ type: 'resign' } as const] : []),
    { type: 'rematch', match: 'A'.repeat(27), secret },
  ])
}

/** Plays at random over a bad network. */
function playBadly(set: World, actors: readonly Side[], steps: number): void {
  const { random, mesh, clock } = set
  for (let step = 0; step < steps; step++) {
    if (random.chance(0.4)) random.pick(actors).act(anyIntent(random))
    for (let count = random.below(4); count > 0; count--) mesh.deliverOne()
    if (random.chance(0.1)) clock.advance(random.below(4_000))
    if (random.chance(0.05)) random.pick(set.sides).tick()
    if (random.chance(0.04)) {
      mesh.setFaults({ loss: random.next() * 0.5, duplication: random.next() * 0.5, reorder: random.chance(0.7) })
    }
    if (random.chance(0.03)) {
      const peers = mesh.members
      const cut = random.below(peers.length)
      mesh.partition(peers.slice(0, cut), peers.slice(cut))
    }
    if (random.chance(0.03)) mesh.partition()
  }
}

const seeds = fc.integer({ min: 0, max: 0x7fff_ffff })

describe('every peer ends in the same state', () => {
  it('[F1] [M5] under any order, repetition, loss and partition, with acts at the same time', () => {
    fc.assert(
      fc.property(seeds, seed => {
        const set = world(seed)
        const ann = set.open('ann', 0)
        const ben = set.open('ben', 1)
        const watchers = [set.open('watcher-1', null), set.open('watcher-2', null)]
        set.mesh.deliverAll()
        ben.act({ type: 'sit', name: 'Ben' })
        set.mesh.setFaults({ loss: 0.3, duplication: 0.3, reorder: true })
        playBadly(set, [ann, ben], 150)
        heal(set)
        const shown = shownBy(ann)
        for (const side of [ben, ...watchers]) expect(shownBy(side)).toEqual(shown)
        expect(shown.proofs).toEqual([])
        expect(Object.keys(ann.view().refusals).filter(code => code !== 'sync/too-often')).toEqual([])
      }),
      { numRuns: 25 },
    )
  })
  it('[E1] [H2] when one of them signs twice', () => {
    let proved = 0
    fc.assert(
      fc.property(seeds, seed => {
        const set = world(seed, 2, 20)
        const ann = set.open('ann', 0)
        const ben = set.open('ben', 1)
        const watcher = set.open('watcher', null)
        set.mesh.deliverAll()
        ben.act({ type: 'sit', name: 'Ben' })
        set.mesh.deliverAll()
        playBadly(set, [ann, ben], 40)
        // The cheat goes on from one place in several ways at once, with one key.
        const twins = [0, 1, 2].map(twin => set.open(`ben-twin-${twin}`, 1, [...ben.stored]))
        set.mesh.partition(['ann', 'watcher'], ['ben'], ...twins.map(twin => [twin.peer]))
        playBadlyApart(set, [ben, ...twins])
        playBadly(set, [ann, ben, ...twins], 120)
        heal(set, 10)
        const shown = shownBy(ann)
        proved += shown.proofs.length > 0 ? 1 : 0
        expect(shownBy(watcher)).toEqual(shown)
        expect(shownBy(ben).head).toEqual(shown.head)
      }),
      { numRuns: 12 },
    )
    expect(proved).toBeGreaterThan(2)
  })
  it('[V3] when several sit down at once on the same seat or on different ones', () => {
    fc.assert(
      fc.property(seeds, seed => {
        const set = world(seed, 3)
        const ann = set.open('ann', 0)
        const others = [1, 2, 3].map(key => set.open(`guest-${key}`, key))
        set.mesh.deliverAll()
        for (const other of others) other.act({ type: 'sit', name: other.peer })
        playBadly(set, [ann, ...others], 120)
        heal(set)
        const shown = shownBy(ann)
        for (const side of others) expect(shownBy(side)).toEqual(shown)
      }),
      { numRuns: 12 },
    )
  })
})

/** Each acts where the others cannot hear it. */
function playBadlyApart({ random, mesh }: World, sides: readonly Side[]): void {
  for (const side of sides) {
    for (let act = 0; act < 4; act++) side.act(anyIntent(random))
  }
  mesh.deliverAll()
}
