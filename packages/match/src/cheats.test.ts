import {
  type MatchRecord,
  type RecordContent,
  createRecord,
  decodeRecord,
  hashBytes,
  matchBytes,
} from '@tsugi/protocol'
import { describe, expect, it } from 'vitest'

import { TestTable, testKey } from './testing/index.ts'

/** A table where it is side 0's turn, and a way for anybody to sign anything there. */
function table(limits = {}) {
  const set = new TestTable({ limits })
  const [ann, ben] = set.seated()
  const head = decodeRecord(ben.stored.at(-1) ?? new Uint8Array())
  const genesis = decodeRecord(set.genesis)
  if (!head.ok || !genesis.ok) throw new Error('no head')
  const forge = (content: RecordContent, key: number, place: Partial<MatchRecord> = {}) =>
    createRecord(
      {
        match: matchBytes(genesis.value.hash),
        parent: head.value.hash,
        height: 2,
        counter: 2,
        at: set.now,
        ...place,
      },
      content,
      testKey(key),
    )
  const send = (...records: readonly Uint8Array[]) =>
    ann.step({ type: 'received', from: 'mallory', message: { t: 'records', records: [...records] }, now: set.now })
  return { set, ann, ben, forge, send, head: head.value }
}

const move: RecordContent = { kind: 'move', body: { move: 1 } }

describe('a cheat changes nothing, and is counted against its sender', () => {
  it.each([
    ['out of turn', 'move/not-your-turn', 1, move, {}],
    ['illegal', 'move/illegal', 0, { kind: 'move', body: { move: 4 } }, {}],
    ['by a stranger', 'record/not-seated', 7, move, {}],
    ['of another match', 'record/wrong-match', 0, move, { match: new Uint8Array(20) }],
    ['with a wrong height', 'record/wrong-link', 0, move, { height: 9 }],
    ['with a used counter', 'record/replayed', 0, move, { counter: 1 }],
    ['with a counter beyond all', 'record/limit', 0, move, { counter: 1_001 }],
    ['dated back', 'record/backdated', 0, move, { at: 5 }],
    [
      'with a clock where there is none',
      'clock/mismatch',
      0,
      { kind: 'move', body: { move: 1, clock: [0, 0, 0, 0] } },
      {},
    ],
    ['uninvited', 'seat/taken', 5, { kind: 'sit', body: { seat: 1, name: 'Eve', invitation: new Uint8Array(64) } }, {}],
    ['claiming time', 'clock/not-running', 1, { kind: 'claim-time', body: {} }, {}],
    ['granting what nobody asked', 'undo/not-asked', 1, { kind: 'undo-grant', body: {} }, {}],
    ['accepting nothing', 'match/not-settling', 1, { kind: 'accept', body: { hash: new Uint8Array(32) } }, {}],
    [
      'offering a rematch now',
      'match/not-over',
      1,
      {
        kind: 'rematch',
        body: { match: new Uint8Array(20), players: new Uint8Array(32), watchers: new Uint8Array(16) },
      },
      {},
    ],
  ] as const)('[V1] a record %s: %s', (_, code, key, content, place) => {
    const { set, ann, forge, send } = table()
    const before = ann.view(set.now)
    send(forge(content as RecordContent, key, place).bytes)
    const after = ann.view(set.now)
    expect(after.refusals).toEqual({ [code]: 1 })
    expect(after.refusalsBySender).toEqual({ mallory: { [code]: 1 } })
    expect(after.head).toEqual(before.head)
    expect(after.records).toEqual(before.records)
  })
  it('[R3] a record with another’s name on it is forged', () => {
    const { set, ann, forge, send } = table()
    const own = forge(move, 7)
    const other = forge(move, 0)
    const bytes = Uint8Array.from(own.bytes)
    // The author's key is put in place of the forger's, which breaks the signature.
    const at = indexOf(bytes, hashBytes(own.author as MatchRecord['hash']))
    bytes.set(hashBytes(other.author as MatchRecord['hash']), at)
    send(bytes)
    expect(ann.view(set.now).refusals).toEqual({ 'record/forged': 1 })
  })
  it('[R1] [R2] oversized and unreadable records are counted, and the rest of a bad message is not read', () => {
    const { set, ann, send, forge } = table()
    send(new Uint8Array(5_000), Uint8Array.of(1))
    expect(ann.view(set.now).refusals).toEqual({ 'record/too-large': 1, 'record/malformed': 1 })
    const rubbish = Array.from({ length: 20 }, (_, index) => Uint8Array.of(index))
    send(...rubbish, forge(move, 0).bytes)
    expect(ann.view(set.now).refusals).toEqual({ 'record/too-large': 1, 'record/malformed': 9, 'sync/too-many-bad': 1 })
    expect(ann.view(set.now).ply).toBe(0)
  })
  it('a record sent again is the same record', () => {
    const { set, ann, forge, send } = table()
    const record = forge(move, 0)
    for (let again = 0; again < 5; again++) send(record.bytes)
    expect(ann.view(set.now)).toMatchObject({ ply: 1, refusals: {}, records: { chain: 3, beside: 0, waiting: 0 } })
  })
  it('[E1] two records with one counter are kept, shown as proof, and the game goes on by the fixed rule', () => {
    const { set, ann, ben, forge, send } = table()
    const twins = [forge(move, 0), forge({ kind: 'move', body: { move: 2 } }, 0)].toSorted((a, b) =>
      a.hash < b.hash ? -1 : 1,
    )
    for (const twin of twins.toReversed()) send(twin.bytes)
    const view = ann.view(set.now)
    expect(view.proofs).toMatchObject([{ seat: 0, counter: 2, records: twins.map(twin => twin.hash) }])
    expect(view.head?.hash).toBe(twins[0]?.hash)
    expect(view.turn).toBe(1)
    for (const twin of twins) {
      ben.step({ type: 'received', from: 'x', message: { t: 'records', records: [twin.bytes] }, now: set.now })
    }
    expect(ben.view(set.now).head).toEqual(view.head)
  })
  it('[F2] what the other has built on is not replaced by a second record, whatever its hash', () => {
    const { set, ben, forge } = table()
    const options = [1, 2, 3].map(taken => forge({ kind: 'move', body: { move: taken } }, 0))
    const [low, , high] = options.toSorted((a, b) => (a.hash < b.hash ? -1 : 1))
    if (low === undefined || high === undefined) throw new Error('moves')
    ben.step({ type: 'received', from: 'x', message: { t: 'records', records: [high.bytes] }, now: set.now })
    ben.step({ type: 'acted', intent: { type: 'move', move: 1 }, now: set.now })
    ben.step({ type: 'received', from: 'x', message: { t: 'records', records: [low.bytes] }, now: set.now })
    expect(ben.view(set.now).moves.map(({ hash }) => hash)[0]).toBe(high.hash)
    expect(ben.view(set.now).ply).toBe(2)
  })
  it('[P2] somebody else’s presence cannot be used', () => {
    const { set, ann, ben } = table()
    const told = ben.step({ type: 'status', status: 'away', now: set.now }).messages[0]
    if (told === undefined) throw new Error('no presence')
    ann.step({ type: 'received', from: ben.peer, message: told, now: set.now })
    expect(ann.view(set.now).seatPresence[1]?.status).toBe('away')
    ann.step({ type: 'received', from: 'mallory', message: told, now: set.now })
    expect(ann.view(set.now).refusals).toEqual({ 'presence/forged': 1 })
    expect(ann.view(set.now).presence.find(peer => peer.peer === 'mallory')?.seat).toBeNull()
  })
})

function indexOf(bytes: Uint8Array, part: Uint8Array): number {
  return bytes.findIndex((_, at) => part.every((byte, index) => bytes[at + index] === byte))
}
