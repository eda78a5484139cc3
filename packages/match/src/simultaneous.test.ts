import { describe, expect, it } from 'vitest'

import { type Intent } from './intent.ts'
import { type TestSide, TestTable } from './testing/index.ts'

/** Both act without having heard of each other; then both hear. */
function atOnce(table: TestTable, left: TestSide, leftIntent: Intent, right: TestSide, rightIntent: Intent): void {
  const first = left.step({ type: 'acted', intent: leftIntent, now: table.now })
  const second = right.step({ type: 'acted', intent: rightIntent, now: table.now })
  expect([first.result?.ok, second.result?.ok]).toEqual([true, true])
  table.deliver(left, first.messages)
  table.deliver(right, second.messages)
}

function settling(): readonly [TestTable, TestSide, TestSide] {
  const table = new TestTable()
  const [ann, ben] = table.seated()
  table.act(ann, { type: 'move', move: 2 })
  table.act(ben, { type: 'pass' })
  table.act(ann, { type: 'pass' })
  return [table, ann, ben]
}

describe('[F3] [F6] acts at the same time', () => {
  it('a move and the other’s resignation: the game ends all the same', () => {
    const table = new TestTable()
    const [ann, ben] = table.seated()
    atOnce(table, ann, { type: 'move', move: 1 }, ben, { type: 'resign' })
    for (const side of [ann, ben]) {
      expect(side.view(table.now)).toMatchObject({ phase: 'over', outcome: { winner: 0 }, proofs: [] })
    }
    expect(ann.view(table.now).head).toEqual(ben.view(table.now).head)
  })
  it('a move and the other’s request for undo: the move stands, and the request is dropped or asked again', () => {
    const table = new TestTable()
    const [ann, ben] = table.seated()
    table.act(ann, { type: 'move', move: 1 })
    atOnce(table, ben, { type: 'move', move: 1 }, ann, { type: 'undo-ask' })
    expect(ann.view(table.now).ply).toBe(2)
    expect(ann.view(table.now).undo).toEqual(ben.view(table.now).undo)
    expect(ann.view(table.now).head).toEqual(ben.view(table.now).head)
  })
  it('both resign: one result', () => {
    const table = new TestTable()
    const [ann, ben] = table.seated()
    atOnce(table, ann, { type: 'resign' }, ben, { type: 'resign' })
    expect(ann.view(table.now).outcome).toEqual(ben.view(table.now).outcome)
    expect(ann.view(table.now).phase).toBe('over')
  })
  it('both accept: both count', () => {
    const [table, ann, ben] = settling()
    atOnce(table, ann, { type: 'accept' }, ben, { type: 'accept' })
    for (const side of [ann, ben])
      expect(side.view(table.now)).toMatchObject({ phase: 'over', outcome: { text: '2:0' } })
  })
  it('one accepts and the other proposes something else: both see one proposal', () => {
    const [table, ann, ben] = settling()
    atOnce(table, ann, { type: 'accept' }, ben, { type: 'propose', proposal: 5 })
    expect(ann.view(table.now).settling).toEqual(ben.view(table.now).settling)
    expect(ann.view(table.now).head).toEqual(ben.view(table.now).head)
  })
  it('one resumes and the other accepts: the game goes on', () => {
    const [table, ann, ben] = settling()
    atOnce(table, ben, { type: 'resume' }, ann, { type: 'accept' })
    expect(ann.view(table.now).phase).toBe('playing')
    expect(ann.view(table.now).head).toEqual(ben.view(table.now).head)
  })
  it('a move after one’s own refusal survives the other’s second word', () => {
    const table = new TestTable()
    const [ann, ben] = table.seated()
    table.act(ann, { type: 'move', move: 1 })
    table.act(ann, { type: 'undo-ask' })
    table.act(ben, { type: 'undo-refuse' })
    atOnce(table, ben, { type: 'move', move: 3 }, ann, { type: 'resign' })
    expect(ann.view(table.now).outcome?.winner).toBe(1)
    expect(ann.view(table.now).head).toEqual(ben.view(table.now).head)
  })
  it('what no longer means what it meant does not come back, not even after a reload', () => {
    const table = new TestTable()
    const [ann, ben] = table.seated()
    table.act(ann, { type: 'move', move: 1 })
    table.act(ann, { type: 'undo-ask' })
    atOnce(table, ben, { type: 'undo-grant' }, ann, { type: 'resign' })
    expect(ann.view(table.now).phase).toBe('over')
    const again = table.open(0, ann.stored)
    expect(again.view(table.now).head).toEqual(ann.view(table.now).head)
    table.pass(1_000)
    expect(again.view(table.now).head).toEqual(ann.view(table.now).head)
  })
})
