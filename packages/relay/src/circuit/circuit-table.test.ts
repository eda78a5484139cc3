import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { CircuitTable } from './circuit-table.ts'

const app = 'default'

test('[B1] a circuit has an id, both peers, app, kind, state, port, times, packets and bytes each way', () => {
  const table = new CircuitTable()
  const id = table.add({ source: 'a', target: 'b', app: 'go', port: 7, nowMs: 1_000 })
  expect(table.get(id)).toEqual({
    id,
    source: 'a',
    target: 'b',
    app: 'go',
    kind: 'circuit',
    state: 'connecting',
    port: 7,
    createdAtMs: 1_000,
    lastActiveAtMs: 1_000,
    fromSource: { packets: 0, bytes: 0 },
    fromTarget: { packets: 0, bytes: 0 },
  })
  table.setState(id, 'connected')
  table.count(id, true, 1_000, 2_000)
  table.count(id, true, 500, 2_500)
  table.count(id, false, 300, 3_000)
  expect(table.get(id)).toMatchObject({
    state: 'connected',
    lastActiveAtMs: 3_000,
    fromSource: { packets: 2, bytes: 1_500 },
    fromTarget: { packets: 1, bytes: 300 },
  })
})

test('[B2] one id serves both directions, and the pair is found in either order', () => {
  const table = new CircuitTable()
  const there = table.add({ source: 'a', target: 'b', app, nowMs: 0 })
  const back = table.add({ source: 'b', target: 'a', app, nowMs: 0 })
  table.add({ source: 'a', target: 'c', app, nowMs: 0 })
  expect(table.ofPair('a', 'b')).toEqual([back, there])
  expect(table.ofPair('b', 'a')).toEqual(table.ofPair('a', 'b'))
  expect(table.ofPair('b', 'c')).toEqual([])
})

test('an id is never used twice, and one that is over finds nothing', () => {
  const table = new CircuitTable()
  const first = table.add({ source: 'a', target: 'b', app, nowMs: 0 })
  table.remove(first)
  const second = table.add({ source: 'c', target: 'd', app, nowMs: 0 })
  expect(second).not.toBe(first)
  expect(table.get(first)).toBeUndefined()
  table.remove(first)
  table.setState(first, 'connected')
  expect(table.get(second)?.state).toBe('connecting')
})

test('[B2] agrees with a plain list whatever happens', () => {
  const peers = ['a', 'b', 'c', 'd']
  const action = fc.record({ one: fc.constantFrom(...peers), other: fc.constantFrom(...peers), isAdd: fc.boolean() })
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), actions => {
      const table = new CircuitTable()
      let model: Array<{ id: number; source: string; target: string }> = []
      for (const { one, other, isAdd } of actions) {
        if (isAdd && one !== other) {
          model.push({ id: table.add({ source: one, target: other, app, nowMs: 0 }), source: one, target: other })
        } else if (!isAdd && model.length > 0) {
          const gone = model[(one.charCodeAt(0) * 7 + other.charCodeAt(0)) % model.length]
          table.remove(gone?.id ?? -1)
          model = model.filter(each => each !== gone)
        }
      }
      const idsOf = (list: typeof model): number[] => list.map(each => each.id).toSorted((a, b) => a - b)
      const sorted = (ids: Iterable<number>): number[] => [...ids].toSorted((a, b) => a - b)
      expect(table.size).toBe(model.length)
      expect(sorted(table.ids())).toEqual(idsOf(model))
      for (const peer of peers) {
        const his = model.filter(each => each.source === peer || each.target === peer)
        expect(sorted(table.ofPeer(peer))).toEqual(idsOf(his))
        expect(table.countOfPeer(peer)).toBe(his.length)
        for (const other of peers) {
          const pair = his.filter(each => peer !== other && (each.source === other || each.target === other))
          expect(sorted(table.ofPair(peer, other))).toEqual(idsOf(pair))
        }
      }
    }),
    { numRuns: 300 },
  )
})

test('[B1] a page of the circuits that match, the newest first, wherever in the table they are', () => {
  const table = new CircuitTable()
  const gone = table.add({ source: 'x', target: 'y', app, nowMs: 0 })
  const ids = [3, 1, 2].map(nowMs => table.add({ source: `peer-${nowMs}`, target: 'bob', app: 'go', nowMs }))
  table.remove(gone)
  const late = table.add({ source: 'ann', target: 'peer-9', app, nowMs: 9 })
  table.setState(late, 'connected')
  const found = (query: Parameters<typeof table.find>[0]): number[] => table.find(query).items.map(each => each.id)
  expect(found({})).toEqual([late, ids[0], ids[2], ids[1]])
  expect(found({ peer: 'peer-' })).toHaveLength(4)
  expect(found({ peer: 'er-2' })).toEqual([ids[2]])
  expect(found({ app: 'go', offset: 1, limit: 1 })).toEqual([ids[2]])
  expect(found({ state: 'connected' })).toEqual([late])
  expect(table.find({ app: 'go', limit: 0 })).toEqual({ total: 3, items: [] })
  expect(table.find({ offset: 10 })).toEqual({ total: 4, items: [] })
})

test('[B3] an app’s name is kept as long as a circuit has it, however many there were', () => {
  const table = new CircuitTable()
  for (let index = 0; index < 70_000; index += 1) {
    table.remove(table.add({ source: 'a', target: 'b', app: `app-${index}`, nowMs: 0 }))
  }
  const one = table.add({ source: 'a', target: 'b', app: 'one', nowMs: 0 })
  const other = table.add({ source: 'a', target: 'b', app: 'other', nowMs: 0 })
  expect([table.get(one)?.app, table.get(other)?.app, table.apps]).toEqual(['one', 'other', 2])
})

test('[B4] idle circuits are found, active ones are not', () => {
  const table = new CircuitTable()
  const idle = table.add({ source: 'a', target: 'b', app, nowMs: 1_000 })
  const active = table.add({ source: 'a', target: 'c', app, nowMs: 1_000 })
  table.count(active, false, 200, 2_000)
  expect(table.idleSince(1_500)).toEqual([idle])
  expect(table.idleSince(999)).toEqual([])
})

test('[B2] a circuit costs at most 200 bytes', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  /** The least of a few measurements: what was thrown away goes at its own time. */
  const used = async (): Promise<number> => {
    let least = Number.POSITIVE_INFINITY
    for (let turn = 0; turn < 5; turn += 1) {
      collectGarbage()
      await new Promise(resolve => setImmediate(resolve))
      const { heapUsed, arrayBuffers } = process.memoryUsage()
      least = Math.min(least, heapUsed + arrayBuffers)
    }
    return least
  }
  const names = Array.from({ length: 10_000 }, (_, index) => `12D3KooW${index}`)
  const count = 50_000
  const table = new CircuitTable()
  for (const name of names) table.add({ source: name, target: 'everybody', app, nowMs: 0 })
  const before = await used()
  for (let index = 0; index < count; index += 1) {
    const source = names[index % names.length] ?? ''
    table.add({ source, target: names[(index * 7 + 1) % names.length] ?? '', app, nowMs: index })
  }
  const each = ((await used()) - before) / count
  expect(each).toBeLessThanOrEqual(200)
  expect(table.size).toBe(count + names.length)
})
