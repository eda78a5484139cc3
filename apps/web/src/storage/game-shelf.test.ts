import { IDBFactory } from 'fake-indexeddb'
import { describe, expect, it } from 'vitest'

import { type GameEntry, gamesToEvict, shelfCeiling } from './game-entry.ts'
import { type GameShelf, createMemoryShelf, openGameShelf } from './game-shelf.ts'

const entry = (key: string, updatedAt: number, state: 'waiting' | 'playing' | 'over' = 'playing'): GameEntry => ({
  key,
  matchId: key,
  slot: '0',
  fragment: `/play/${key}`,
  summary: { size: 9, state, myColor: 'black', black: 'A', white: 'B', moves: 0, myTurn: false, result: null },
  createdAt: 0,
  updatedAt,
})

const shelves: readonly (readonly [string, () => Promise<GameShelf>])[] = [
  ['in IndexedDB', () => openGameShelf(new IDBFactory())],
  ['in memory', () => Promise.resolve(createMemoryShelf())],
]

describe.each(shelves)('a shelf %s', (_name, open) => {
  it('lists the latest game first, and forgets a removed one with its records', async () => {
    const shelf = await open()
    await shelf.put(entry('a', 1))
    await shelf.put(entry('b', 2))
    await shelf.append('a', [Uint8Array.of(1), Uint8Array.of(2)])
    expect((await shelf.list()).map(game => game.key)).toEqual(['b', 'a'])
    await shelf.remove('a')
    expect(await shelf.get('a')).toBeUndefined()
    expect(await shelf.records('a')).toEqual([])
  })

  it('gives records back in the order in which they were appended, each game its own', async () => {
    const shelf = await open()
    await shelf.append('a', [Uint8Array.of(1)])
    await shelf.append('b', [Uint8Array.of(9)])
    await shelf.append('a', [Uint8Array.of(2), Uint8Array.of(3)])
    expect(await shelf.records('a')).toEqual([Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)])
    expect(await shelf.records('b')).toEqual([Uint8Array.of(9)])
  })

  it('keeps at most 200 finished games, and lets the oldest go', async () => {
    const shelf = await open()
    for (let index = 0; index < shelfCeiling.finished + 3; index++) await shelf.put(entry(`g${index}`, index, 'over'))
    const kept = await shelf.list()
    expect(kept).toHaveLength(shelfCeiling.finished)
    expect(kept.at(-1)?.key).toBe('g3')
  })
})

it('falls back to memory where there is no database', async () => {
  expect((await openGameShelf(undefined)).kind).toBe(typeof indexedDB === 'undefined' ? 'memory' : 'indexeddb')
  const broken = {
    open: () => {
      throw new DOMException('no', 'SecurityError')
    },
  } as unknown as IDBFactory
  expect((await openGameShelf(broken)).kind).toBe('memory')
})

describe('gamesToEvict', () => {
  const ceiling = { finished: 2, all: 3 }

  it('takes nothing while there is room', () => {
    expect(gamesToEvict([entry('a', 1, 'over'), entry('b', 2)], ceiling, 'b')).toEqual([])
  })

  it('lets the oldest finished game go first', () => {
    expect(gamesToEvict([entry('a', 1, 'over'), entry('b', 2, 'over'), entry('c', 3, 'over')], ceiling, '')).toEqual([
      'a',
    ])
  })

  it('never lets the game in use go, however old it is', () => {
    const games = [entry('a', 0), entry('b', 1), entry('c', 2), entry('d', 3)]
    expect(gamesToEvict(games, ceiling, 'a')).toEqual(['b'])
  })

  it('gives up finished games before open ones', () => {
    const games = [entry('a', 0), entry('b', 1), entry('c', 2), entry('d', 3, 'over')]
    expect(gamesToEvict(games, ceiling, '')).toEqual(['d'])
  })
})
