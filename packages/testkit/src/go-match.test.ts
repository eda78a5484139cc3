import { encodeSetup, goRules } from '@tsugi/go'
import { type MatchMachine, type MatchSession, MatchSession as Session, createMatchMachine } from '@tsugi/match'
import { describe, expect, it } from 'vitest'

import { FakeClock, MemoryMesh, MemoryStore, SeededRandom } from './index.ts'

type GoMachine = ReturnType<typeof goMachine>
type StateOf<M> = M extends MatchMachine<infer State, infer _> ? State : never
type ProposalOf<M> = M extends MatchMachine<infer _, infer Proposal> ? Proposal : never
type GoSession = MatchSession<StateOf<GoMachine>, ProposalOf<GoMachine>>

function goMachine() {
  return createMatchMachine({ rules: goRules })
}

/** Lets promises settle and messages travel until nothing is under way. */
async function quiet(mesh: MemoryMesh): Promise<void> {
  for (let round = 0; round < 20; round++) {
    await new Promise(resolve => setImmediate(resolve))
    mesh.deliverAll()
  }
}

async function table(size: number) {
  const random = new SeededRandom(11)
  const mesh = new MemoryMesh(random)
  const clock = new FakeClock()
  const machine = goMachine()
  const secret = random.bytes(16)
  const keys = [random.bytes(32), random.bytes(32)]
  const created = machine.create({
    app: 'go',
    setup: encodeSetup({ size, ruleset: 'japanese', komi: 6.5, handicap: 0 }),
    seat: 0,
    name: 'Ann',
    clock: { type: 'fischer', mainMs: 600_000, incrementMs: 5_000 },
    secret,
    seatKey: keys[0] ?? secret,
    now: clock.now(),
  })
  if (!created.ok) throw new Error(created.code)
  const { match, genesis } = created.value
  const stores = [new MemoryStore(), new MemoryStore(), new MemoryStore()]
  await stores[0]?.append(match, [genesis])
  const open = (peer: string, store: MemoryStore, seatKey?: Uint8Array): Promise<GoSession> =>
    Session.open({
      machine,
      match,
      secret,
      transport: mesh.transport(peer),
      store,
      clock,
      random: length => random.bytes(length),
      ...(seatKey === undefined ? {} : { seatKey }),
    })
  return { mesh, clock, stores, keys, open, match }
}

describe('a game of Go between two sessions', () => {
  it('is played, settled and seen alike by both and by somebody who watches', async () => {
    const { mesh, clock, stores, keys, open } = await table(9)
    const ann = await open('ann', stores[0] ?? new MemoryStore(), keys[0])
    const ben = await open('ben', stores[1] ?? new MemoryStore(), keys[1])
    await quiet(mesh)
    expect(await ben.act({ type: 'sit', name: 'Ben' })).toMatchObject({ ok: true })
    await quiet(mesh)
    for (const [index, vertex] of [40, 41, 31, 32, 49, 50].entries()) {
      clock.advance(2_000)
      const mover = index % 2 === 0 ? ann : ben
      expect(await mover.act({ type: 'move', move: vertex })).toMatchObject({ ok: true })
      await quiet(mesh)
    }
    expect(await ann.act({ type: 'move', move: 40 })).toMatchObject({ code: 'move/illegal', detail: 'go/occupied' })
    const watcher = await open('watcher', stores[2] ?? new MemoryStore())
    await quiet(mesh)
    expect(watcher.view.ply).toBe(6)
    await ann.act({ type: 'pass' })
    await quiet(mesh)
    await ben.act({ type: 'pass' })
    await quiet(mesh)
    expect(ann.view.phase).toBe('settling')
    await ann.act({ type: 'accept' })
    await ben.act({ type: 'accept' })
    await quiet(mesh)
    for (const session of [ann, ben, watcher])
      expect(session.view).toMatchObject({ phase: 'over', outcome: { by: 'score' } })
    expect(watcher.view.head).toEqual(ben.view.head)
    expect(ann.stateAt(0)).not.toEqual(ann.stateAt(6))
    await Promise.all([ann.stop(), ben.stop(), watcher.stop()])
    expect(clock.timers).toBe(0)
    expect(mesh.members).toEqual([])
  })
  it('goes on after a reload, with what the other did meanwhile', async () => {
    const { mesh, clock, stores, keys, open } = await table(9)
    const ann = await open('ann', stores[0] ?? new MemoryStore(), keys[0])
    const ben = await open('ben', stores[1] ?? new MemoryStore(), keys[1])
    await quiet(mesh)
    await ben.act({ type: 'sit', name: 'Ben' })
    await quiet(mesh)
    await ann.act({ type: 'move', move: 40 })
    await quiet(mesh)
    await ann.stop()
    await quiet(mesh)
    expect(ben.view.seatPresence[0]).toMatchObject({ status: 'gone' })
    await ben.act({ type: 'move', move: 41 })
    clock.advance(30_000)
    const again = await open('ann-again', stores[0] ?? new MemoryStore(), keys[0])
    await quiet(mesh)
    expect(again.view.ply).toBe(2)
    expect(again.view.mySeat).toBe(0)
    expect(ben.view.seatPresence[0]).toMatchObject({ status: 'here' })
    await again.stop()
    await ben.stop()
  })
  it('sends nothing that could not be stored', async () => {
    const { mesh, stores, keys, open } = await table(9)
    const ann = await open('ann', stores[0] ?? new MemoryStore(), keys[0])
    const ben = await open('ben', stores[1] ?? new MemoryStore(), keys[1])
    await quiet(mesh)
    const failures: string[] = []
    ben.on(event => failures.push(event.type))
    if (stores[1] !== undefined) stores[1].isFailing = true
    expect(await ben.act({ type: 'sit', name: 'Ben' })).toMatchObject({ code: 'session/store-failed' })
    await quiet(mesh)
    expect(failures).toContain('failed')
    expect(ann.view.phase).toBe('waiting')
    expect(await ben.act({ type: 'resign' })).toMatchObject({ code: 'session/store-failed' })
    await ann.stop()
    await ben.stop()
    expect(await ann.act({ type: 'resign' })).toMatchObject({ code: 'session/stopped' })
  })
  it('buffers at most 256 events for a listener that does not listen, and keeps those of records', async () => {
    const { mesh, stores, keys, open } = await table(19)
    const ann = await open('ann', stores[0] ?? new MemoryStore(), keys[0])
    const ben = await open('ben', stores[1] ?? new MemoryStore(), keys[1])
    await quiet(mesh)
    const events = ann.events()
    await ben.act({ type: 'sit', name: 'Ben' })
    await quiet(mesh)
    for (let index = 0; index < 150; index++) {
      await (index % 2 === 0 ? ann : ben).act({ type: 'move', move: index })
      mesh.deliverAll()
      await new Promise(resolve => setImmediate(resolve))
      mesh.deliverAll()
    }
    expect(events.stats).toMatchObject({ length: 256, capacity: 256 })
    await ann.stop()
    await ben.stop()
    const told: string[] = []
    for await (const event of events) if (event.type === 'notice') told.push(event.notice.type)
    expect(told.filter(type => type === 'moved')).toHaveLength(150)
  })
  it('offers a rematch that the other can open, sit at and play', async () => {
    const { mesh, stores, keys, open } = await table(9)
    const ann = await open('ann', stores[0] ?? new MemoryStore(), keys[0])
    const ben = await open('ben', stores[1] ?? new MemoryStore(), keys[1])
    await quiet(mesh)
    await ben.act({ type: 'sit', name: 'Ben' })
    await quiet(mesh)
    await ben.act({ type: 'resign' })
    await quiet(mesh)
    const { app, setup, clocks } = ann.view
    const offered = await ann.offerRematch({
      app,
      setup,
      seat: 1,
      name: 'Ann',
      clock: clocks?.setting ?? { type: 'none' },
    })
    await quiet(mesh)
    expect(offered.ok && ben.view.rematches).toMatchObject([
      { by: 0, match: offered.ok ? offered.value.match : '', secret: offered.ok ? offered.value.secret : null },
    ])
    await ann.stop()
    await ben.stop()
  })
})
