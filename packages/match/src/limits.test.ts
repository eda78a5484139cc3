import { type RecordContent, createRecord, decodeRecord, encodeMessage, matchBytes } from '@tsugi/protocol'
import { describe, expect, it } from 'vitest'

import { TestTable, testKey } from './testing/index.ts'

describe('limits of a match', () => {
  it('[V4] moves: the last one allowed is played, the next is refused, and the game can still end', () => {
    const table = new TestTable({ limits: { gameMoves: 4 } })
    const [ann, ben] = table.seated()
    for (let turn = 0; turn < 4; turn++)
      expect(table.act(turn % 2 === 0 ? ann : ben, { type: 'move', move: 1 })?.ok).toBe(true)
    expect(table.act(ann, { type: 'move', move: 1 })).toMatchObject({ code: 'record/limit' })
    expect(table.act(ann, { type: 'resign' })?.ok).toBe(true)
  })
  it('[H1] records on the chain: the ceiling stands in the first record and holds for everybody', () => {
    const table = new TestTable({ limits: { gameRecords: 10, gameSideRecords: 4 } })
    const [ann, ben] = table.seated()
    let height = 1
    while (table.act(height % 2 === 1 ? ann : ben, { type: 'move', move: 1 })?.ok === true) height += 1
    expect(height).toBe(5)
    expect(table.act(ann, { type: 'resign' })).toMatchObject({ code: 'record/limit' })
  })
  it('[V2] a match whose limits are beyond our own is not joined', () => {
    const table = new TestTable()
    const small = new TestTable({ limits: { gameMoves: 100 } })
    const opened = small.machine.open({
      match: table.match,
      peer: 'x',
      readSecret: table.secret,
      records: [table.genesis],
      now: 0,
    })
    expect(small.machine.view(opened.state, 0)).toMatchObject({ phase: 'loading', refusals: { 'genesis/limits': 1 } })
  })
  it('[V7] proposals: after the last one only accepting or resuming is left', () => {
    const table = new TestTable({ limits: { gameProposals: 3 } })
    const [ann, ben] = table.seated()
    table.act(ann, { type: 'pass' })
    table.act(ben, { type: 'pass' })
    expect(table.act(ann, { type: 'propose', proposal: 1 })?.ok).toBe(true)
    expect(table.act(ben, { type: 'propose', proposal: 2 })?.ok).toBe(true)
    expect(table.act(ann, { type: 'propose', proposal: 3 })).toMatchObject({ code: 'settle/too-many' })
    expect(table.act(ann, { type: 'accept' })?.ok).toBe(true)
  })
  it('[A1] a game in which nothing happens is archived: intents are refused, records of others are still taken', () => {
    const table = new TestTable({ limits: { gameDurationMs: 60_000 } })
    const [ann, ben] = table.seated()
    table.now += 60_001
    expect(ann.view(table.now).archived).toBe(true)
    expect(table.act(ann, { type: 'move', move: 1 })).toMatchObject({ code: 'match/archived' })
    expect(ben.view(table.now).allowed).toEqual([])
  })
  it('[H3] records that wait for one before them are bounded, and a gap is asked for at once', () => {
    const table = new TestTable({ limits: { gameOrphans: 5 } })
    const [ann, ben] = table.seated()
    for (let turn = 0; turn < 20; turn++) table.act(turn % 2 === 0 ? ann : ben, { type: 'move', move: 1 })
    const watcher = table.open(null, [table.genesis])
    table.sides.length = 0
    const late = ann.stored.slice(4)
    const heard = watcher.step({
      type: 'received',
      from: ann.peer,
      message: { t: 'records', records: late },
      now: table.now,
    })
    expect(watcher.view(table.now).records).toMatchObject({ chain: 1, waiting: 5 })
    expect(heard.messages).toMatchObject([{ t: 'want', to: ann.peer }])
  })
  it('[M3] a whole chain travels in messages of at most 64 KiB, and a second question soon after is refused', () => {
    const table = new TestTable({ heap: 900 })
    const [ann, ben] = table.seated()
    for (let turn = 0; turn < 300; turn++) table.act(turn % 2 === 0 ? ann : ben, { type: 'move', move: 1 })
    const want = { t: 'want', to: ann.peer, have: new Uint8Array() } as const
    const answer = ann.step({ type: 'received', from: 'late', message: want, now: table.now })
    expect(answer.messages.length).toBeGreaterThan(1)
    for (const message of answer.messages) expect(encodeMessage(message).length).toBeLessThan(64 * 1_024 - 40)
    expect(ann.step({ type: 'received', from: 'late', message: want, now: table.now }).messages).toEqual([])
    expect(ann.view(table.now).refusalsBySender['late']).toEqual({ 'sync/too-often': 1 })
  })
  it('[H1] [H2] what is held beside the chain is bounded and the same, in whatever order a cheat’s records came', () => {
    const table = new TestTable({ limits: { gameSideRecords: 8, gameRecords: 100 } })
    const [ann, ben] = table.seated()
    const genesis = decodeRecord(table.genesis)
    const sit = decodeRecord(ben.stored.at(-1) ?? new Uint8Array())
    if (!genesis.ok || !sit.ok) throw new Error('records')
    const { hash } = genesis.value
    const forge = (counter: number, content: RecordContent) =>
      createRecord(
        { match: matchBytes(hash), parent: sit.value.hash, height: 2, counter, at: table.now },
        content,
        testKey(0),
      ).bytes
    const flood = Array.from({ length: 60 }, (_, index) =>
      forge(2 + (index % 20), { kind: 'move', body: { move: 1 + (index % 3) } }),
    )
    const held = [1, 7, 11, 13].map(stride => {
      const side = table.open(null, ann.stored)
      for (const bytes of flood.map((_, index) => flood[(index * stride) % flood.length] ?? new Uint8Array())) {
        side.step({ type: 'received', from: 'mallory', message: { t: 'records', records: [bytes] }, now: table.now })
      }
      expect(side.view(table.now).records.beside).toBeLessThanOrEqual(8)
      return [...side.state.tree.nodes()].map(node => node.record.hash).toSorted()
    })
    for (const other of held) expect(other).toEqual(held[0])
  })
  it('[H3] a record that was let go comes back when somebody builds on it', () => {
    const table = new TestTable({ limits: { gameSideRecords: 2, gameRecords: 100 } })
    const [ann, ben] = table.seated()
    const genesis = decodeRecord(table.genesis)
    const sit = decodeRecord(ben.stored.at(-1) ?? new Uint8Array())
    if (!genesis.ok || !sit.ok) throw new Error('records')
    const match = matchBytes(genesis.value.hash)
    const moves = [1, 2, 3, 1, 2, 3]
      .map((taken, index) =>
        createRecord(
          { match, parent: sit.value.hash, height: 2, counter: 2 + index, at: table.now },
          { kind: 'move', body: { move: taken } },
          testKey(0),
        ),
      )
      .toSorted((left, right) => (left.hash < right.hash ? -1 : 1))
    const watcher = table.open(null, ann.stored)
    const hear = (bytes: Uint8Array) =>
      watcher.step({ type: 'received', from: 'x', message: { t: 'records', records: [bytes] }, now: table.now })
    for (const record of moves) hear(record.bytes)
    const last = moves.at(-1)
    if (last === undefined) throw new Error('moves')
    expect(watcher.state.tree.get(last.hash)).toBeUndefined()
    const answer = createRecord(
      { match, parent: last.hash, height: 3, counter: 2, at: table.now },
      { kind: 'pass', body: {} },
      testKey(1),
    )
    hear(answer.bytes)
    expect(watcher.view(table.now).head?.hash).toBe(answer.hash)
    expect(watcher.view(table.now).records.beside).toBeLessThanOrEqual(2)
  })
})
