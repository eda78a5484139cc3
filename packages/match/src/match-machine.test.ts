import { describe, expect, it } from 'vitest'

import { type MatchEvent } from './match-event.ts'
import { TestTable } from './testing/index.ts'

describe('a match between two', () => {
  it('is played to an end by the rules, and both sides show the same', () => {
    const table = new TestTable({ heap: 5 })
    const [ann, ben] = table.seated()
    expect(ann.view(table.now).phase).toBe('playing')
    expect(ben.view(table.now).mySeat).toBe(1)
    expect(table.act(ann, { type: 'move', move: 3 })?.ok).toBe(true)
    expect(table.act(ben, { type: 'move', move: 2 })?.ok).toBe(true)
    expect(ann.view(table.now).outcome).toEqual({ winner: 1, text: 'last counter', by: 'rules' })
    expect(ann.view(table.now).head).toEqual(ben.view(table.now).head)
    expect(ann.notices()).toContain('over')
  })
  it('refuses what is out of turn or illegal, with the rules’ own code, and changes nothing', () => {
    const table = new TestTable({ heap: 2 })
    const [ann, ben] = table.seated()
    const before = ann.view(table.now).head
    expect(table.act(ben, { type: 'move', move: 1 })).toMatchObject({ ok: false, code: 'move/not-your-turn' })
    expect(table.act(ann, { type: 'move', move: 3 })).toMatchObject({
      ok: false,
      code: 'move/illegal',
      detail: 'heap/too-many',
    })
    expect(table.act(ann, { type: 'move', move: 'x' })).toMatchObject({
      ok: false,
      code: 'move/illegal',
      detail: 'heap/move',
    })
    expect(ann.view(table.now).head).toEqual(before)
  })
  it('lets a move be taken back when the other grants it, and plays on from there', () => {
    const table = new TestTable()
    const [ann, ben] = table.seated()
    table.act(ann, { type: 'move', move: 3 })
    table.act(ben, { type: 'move', move: 2 })
    expect(table.act(ann, { type: 'undo-ask' })?.ok).toBe(true)
    expect(ben.view(table.now).undo).toMatchObject({ by: 0, toPly: 0 })
    expect(table.act(ann, { type: 'undo-grant' })).toMatchObject({ ok: false, code: 'undo/own' })
    table.act(ben, { type: 'undo-grant' })
    expect(ann.view(table.now).moves).toEqual([])
    expect(ben.view(table.now).state?.heap).toBe(100)
    expect(table.act(ann, { type: 'move', move: 1 })?.ok).toBe(true)
  })
  it('asks once between two moves when refused, and a move overtakes a request', () => {
    const table = new TestTable()
    const [ann, ben] = table.seated()
    table.act(ann, { type: 'move', move: 3 })
    table.act(ann, { type: 'undo-ask' })
    table.act(ben, { type: 'undo-refuse' })
    expect(table.act(ann, { type: 'undo-ask' })).toMatchObject({ code: 'undo/refused-already' })
    table.act(ben, { type: 'move', move: 1 })
    expect(table.act(ben, { type: 'undo-ask' })?.ok).toBe(true)
    table.act(ann, { type: 'move', move: 1 })
    expect(ben.view(table.now).undo).toBeNull()
    expect(table.act(ann, { type: 'undo-grant' })).toMatchObject({ code: 'undo/not-asked' })
  })
  it('settles by both accepting the same, and a new proposal voids what was accepted', () => {
    const table = new TestTable()
    const [ann, ben] = table.seated()
    table.act(ann, { type: 'move', move: 3 })
    table.act(ben, { type: 'pass' })
    table.act(ann, { type: 'pass' })
    expect(ann.view(table.now)).toMatchObject({ phase: 'settling', settling: { proposal: 0, by: 0, accepted: [] } })
    table.act(ann, { type: 'accept' })
    table.act(ben, { type: 'propose', proposal: 5 })
    expect(ann.view(table.now).settling?.accepted).toEqual([])
    table.act(ann, { type: 'accept' })
    expect(table.act(ann, { type: 'accept' })).toMatchObject({ code: 'settle/accepted-already' })
    table.act(ben, { type: 'accept' })
    expect(ann.view(table.now)).toMatchObject({ phase: 'over', outcome: { winner: 1, text: '3:5' } })
    expect(ben.view(table.now).outcome).toEqual(ann.view(table.now).outcome)
  })
  it('goes back to playing when one resumes', () => {
    const table = new TestTable()
    const [ann, ben] = table.seated()
    table.act(ann, { type: 'pass' })
    table.act(ben, { type: 'pass' })
    table.act(ann, { type: 'resume' })
    expect(ben.view(table.now).phase).toBe('playing')
    expect(table.act(ann, { type: 'move', move: 1 })?.ok).toBe(true)
  })
  it('ends by resignation at any time, and offers a rematch that only players can open', () => {
    const table = new TestTable()
    const [ann, ben] = table.seated()
    const watcher = table.open(null)
    table.deliver(watcher, watcher.step({ type: 'connected', isConnected: true, now: table.now }).messages)
    table.act(ben, { type: 'resign' })
    expect(ann.view(table.now).outcome?.winner).toBe(0)
    const secret = new Uint8Array(16).fill(9)
    const match = 'AAAAAAAAAAAAAAAAAAAAAAAAAAA'
    expect(table.act(ann, { type: 'rematch', match, secret })?.ok).toBe(true)
    expect(ben.view(table.now).rematches).toMatchObject([{ by: 0, match, secret }])
    expect(watcher.view(table.now).rematches).toMatchObject([{ by: 0, match, secret: null }])
    expect(table.act(ann, { type: 'rematch', match, secret })).toMatchObject({ code: 'rematch/offered-already' })
    expect(table.act(ann, { type: 'move', move: 1 })).toMatchObject({ code: 'match/over' })
  })
  it('brings somebody who comes late to the same state, from a watcher as well as from a player', () => {
    const table = new TestTable({ limits: { gameAnswerIntervalMs: 0 } })
    const [ann, ben] = table.seated()
    for (let turn = 0; turn < 10; turn++) table.act(turn % 2 === 0 ? ann : ben, { type: 'move', move: 1 })
    const watcher = table.open(null)
    table.deliver(watcher, watcher.step({ type: 'connected', isConnected: true, now: table.now }).messages)
    expect(watcher.view(table.now).head).toEqual(ann.view(table.now).head)
    table.sides.splice(0, 2)
    const late = table.open(null)
    table.deliver(late, late.step({ type: 'connected', isConnected: true, now: table.now }).messages)
    expect(late.view(table.now).moves).toHaveLength(10)
    expect(late.view(table.now).mySeat).toBeNull()
    expect(late.view(table.now).allowed).toEqual([])
  })
  it('[M5] is told again when a way to the others stands again, and once more shortly after: by then it leads to everybody', () => {
    const table = new TestTable()
    const [ann] = table.seated()
    const tells = (event: MatchEvent): boolean => ann.step(event).messages.some(({ t }) => t === 'head')
    const ticked = (afterMs: number): boolean => tells({ type: 'ticked', now: (table.now += afterMs) })
    table.pass(2_000)
    expect(ticked(1_000)).toBe(false)
    expect(tells({ type: 'connected', isConnected: true, now: table.now })).toBe(true)
    expect([ticked(100), ticked(1_000), ticked(1_000)]).toEqual([false, true, false])
  })
  it('is the same after it was closed and opened again from what was stored', () => {
    const table = new TestTable()
    const [ann, ben] = table.seated()
    table.act(ann, { type: 'move', move: 3 })
    table.act(ben, { type: 'move', move: 2 })
    const again = table.open(0, ann.stored)
    expect(again.view(table.now).head).toEqual(ann.view(table.now).head)
    expect(table.act(again, { type: 'move', move: 1 })?.ok).toBe(true)
    expect(ben.view(table.now).proofs).toEqual([])
  })
  it('[R7] never uses a counter again that its store knows of, even when a part of the store is gone', () => {
    const table = new TestTable()
    const [ann, ben] = table.seated()
    table.act(ann, { type: 'move', move: 3 })
    table.act(ben, { type: 'move', move: 2 })
    table.act(ann, { type: 'move', move: 1 })
    const gap = ann.stored.filter((_, index) => index !== 3)
    const again = table.open(0, gap)
    expect(again.view(table.now)).toMatchObject({ ply: 1, records: { waiting: 1 } })
    table.sides.splice(0, 2)
    table.act(again, { type: 'resign' })
    for (const bytes of again.stored.slice(gap.length)) {
      ben.step({ type: 'received', from: 'x', message: { t: 'records', records: [bytes] }, now: table.now })
    }
    expect(ben.view(table.now).proofs.filter(proof => proof.counter <= 3)).toEqual([])
  })
  it('answers the same to the same events: nothing comes from outside', () => {
    const play = () => {
      const table = new TestTable()
      const [ann, ben] = table.seated()
      table.act(ann, { type: 'move', move: 3 })
      table.act(ben, { type: 'undo-ask' })
      table.pass(11_000)
      return [ann.effects, ben.effects, ann.view(table.now), ben.view(table.now)]
    }
    expect(play()).toEqual(play())
  })
})
