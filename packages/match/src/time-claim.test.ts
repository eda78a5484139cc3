import { describe, expect, it } from 'vitest'

import { TestTable } from './testing/index.ts'

const minute = 60_000
const clock = { type: 'absolute', mainMs: 5 * minute } as const

/** Both have moved once, so both clocks have started; side 0 is on turn. */
function started(claimsTime = false): {
  table: TestTable
  ann: TestTable['sides'][number]
  ben: TestTable['sides'][number]
} {
  const table = new TestTable({ clock, claimsTime })
  const [ann, ben] = table.seated()
  table.act(ann, { type: 'move', move: 1 })
  table.pass(20_000)
  table.act(ben, { type: 'move', move: 1 })
  return { table, ann, ben }
}

describe('time', () => {
  it('[K2] [K4] is in the record of each move, and the same on both sides', () => {
    const { table, ann, ben } = started()
    table.pass(minute)
    table.act(ann, { type: 'move', move: 1 })
    table.pass(30_000)
    for (const side of [ann, ben]) {
      const clocks = side.view(table.now).clocks
      expect(clocks?.seats[0]?.remainingMs).toBe(4 * minute)
      expect(clocks).toMatchObject({ running: 1 })
      expect(clocks?.seats[1]?.remainingMs).toBe(4.5 * minute)
    }
  })
  it('[K4] a move after the time has run out is refused', () => {
    const { table, ann } = started()
    table.pass(5 * minute)
    expect(ann.view(table.now).allowed).not.toContain('move')
    expect(table.act(ann, { type: 'move', move: 1 })).toMatchObject({ code: 'clock/out-of-time' })
  })
  it('[K6] is claimed only when it has run out by the claimant’s own times, and the lag allowance too', () => {
    const { table, ann, ben } = started()
    table.pass(5 * minute)
    expect(table.act(ben, { type: 'claim-time' })).toMatchObject({ code: 'clock/too-early' })
    table.pass(3_000)
    expect(table.act(ann, { type: 'claim-time' })).toMatchObject({ code: 'clock/not-running' })
    expect(ben.view(table.now).allowed).toContain('claim-time')
    table.act(ben, { type: 'claim-time' })
    expect(ann.view(table.now)).toMatchObject({ phase: 'over', outcome: { winner: 1, by: 'time' } })
  })
  it('[K6] is claimed by itself, where that is wanted', () => {
    const { table, ann } = started(true)
    table.pass(5 * minute + 3_000)
    expect(ann.view(table.now).outcome).toMatchObject({ winner: 1, by: 'time' })
  })
  it('[K6] is not claimed by somebody who has only just come back', () => {
    const { table, ann, ben } = started(true)
    table.sides.splice(0, 2)
    table.now += 10 * minute
    const back = table.open(1, [...ann.stored, ...ben.stored])
    table.pass(1_000)
    expect(back.view(table.now).phase).toBe('playing')
    table.pass(15_000)
    expect(back.view(table.now).phase).toBe('over')
  })
  it('[K7] a move made at the same time comes before the claim, which is made again on top of it', () => {
    const { table, ann, ben } = started()
    // A late move is under way while the claim is made: the mover’s clock says that there was time.
    const late = ann.step({ type: 'acted', intent: { type: 'move', move: 1 }, now: table.now + 4 * minute })
    table.now += 5 * minute + 3_000
    const claim = ben.step({ type: 'acted', intent: { type: 'claim-time' }, now: table.now })
    expect(ben.view(table.now).phase).toBe('over')
    for (const message of claim.messages) ann.step({ type: 'received', from: ben.peer, message, now: table.now })
    expect(ann.view(table.now).phase).toBe('playing')
    table.deliver(ann, late.messages)
    for (const side of [ann, ben]) {
      expect(side.view(table.now)).toMatchObject({ phase: 'over', outcome: { winner: 1, by: 'time' }, proofs: [] })
    }
    expect(ann.view(table.now).head).toEqual(ben.view(table.now).head)
  })
  it('[K5] can be claimed also where the other’s turn began by their own record', () => {
    const { table, ann, ben } = started(true)
    table.act(ann, { type: 'pass' })
    table.act(ben, { type: 'pass' })
    table.act(ann, { type: 'resume' })
    expect(ann.view(table.now).turn).toBe(0)
    expect(ben.view(table.now).head?.kind).toBe('clock-note')
    table.pass(5 * minute + 3_000)
    expect(ann.view(table.now).outcome).toMatchObject({ winner: 1, by: 'time' })
  })
  it('stands still while the players settle, and is what it was after an undo', () => {
    const { table, ann, ben } = started()
    table.pass(minute)
    table.act(ann, { type: 'move', move: 1 })
    table.act(ann, { type: 'undo-ask' })
    table.pass(minute)
    table.act(ben, { type: 'undo-grant' })
    expect(ann.view(table.now).clocks?.seats.map(reading => reading.remainingMs)).toEqual([5 * minute, 5 * minute])
    table.act(ann, { type: 'pass' })
    table.act(ben, { type: 'pass' })
    const before = ann.view(table.now).clocks
    table.pass(10 * minute)
    expect(ann.view(table.now).clocks).toEqual(before)
    expect(before?.running).toBeNull()
  })
  it('[K8] taken longer than claimed is shown, and decides nothing', () => {
    const { table, ann, ben } = started()
    const quick = ann.step({ type: 'acted', intent: { type: 'move', move: 1 }, now: table.now + 1_000 })
    table.now += 10_000
    table.deliver(ann, quick.messages)
    const shown = ben.view(table.now).moves.at(-1)
    expect(shown).toMatchObject({ spentMs: 1_000, lateByMs: 6_000 })
    expect(ann.view(table.now).head).toEqual(ben.view(table.now).head)
  })
})
