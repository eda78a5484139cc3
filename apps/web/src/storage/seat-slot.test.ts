import { expect, it } from 'vitest'

import type { GameEntry } from './game-entry.ts'
import { takeSeatSlot } from './seat-slot.ts'
import type { TabLocks } from './tab-lock.ts'

/** Locks of one browser: a name is held until released. */
function browser() {
  const held = new Set<string>()
  const locks: TabLocks = {
    take(name) {
      if (held.has(name)) return Promise.resolve(null)
      held.add(name)
      return Promise.resolve({ release: () => held.delete(name) })
    },
  }
  return locks
}

const kept = (slot: string, color: 'black' | 'white' | null, createdAt = 0): GameEntry => ({
  key: `m/${slot}`,
  matchId: 'm',
  slot,
  fragment: '/play/m',
  seatKey: new Uint8Array(32),
  summary: { size: 9, state: 'playing', myColor: color, black: '', white: '', moves: 0, myTurn: false, result: null },
  createdAt,
  updatedAt: createdAt,
})

it('a link that was never opened here gets a new seat', async () => {
  expect(await takeSeatSlot(browser(), 'm', [], null)).toMatchObject({ slot: '0', entry: undefined })
})

it('a second tab, opened while the first holds its seat, gets a seat of its own: two tabs can play each other', async () => {
  const locks = browser()
  await takeSeatSlot(locks, 'm', [kept('0', 'black')], null)
  expect(await takeSeatSlot(locks, 'm', [kept('0', 'black')], null)).toMatchObject({ slot: '1', entry: undefined })
})

it('when the first tab was closed, the link resumes its seat', async () => {
  const locks = browser()
  const first = await takeSeatSlot(locks, 'm', [kept('0', 'black')], null)
  first?.lock.release()
  expect(await takeSeatSlot(locks, 'm', [kept('0', 'black')], null)).toMatchObject({ slot: '0', entry: { key: 'm/0' } })
})

it('a reload resumes the seat that this tab had, not another one that is free', async () => {
  expect(await takeSeatSlot(browser(), 'm', [kept('0', 'black'), kept('1', 'white')], '1')).toMatchObject({ slot: '1' })
})

it('a duplicated tab cannot take the seat that it remembers', async () => {
  const locks = browser()
  await takeSeatSlot(locks, 'm', [kept('0', 'black')], '0')
  expect(await takeSeatSlot(locks, 'm', [kept('0', 'black')], '0')).toMatchObject({ slot: '1' })
})

it('a seat that was really taken comes before one that only watched', async () => {
  const games = [kept('0', null, 1), kept('1', 'white', 2)]
  expect(await takeSeatSlot(browser(), 'm', games, null)).toMatchObject({ slot: '1' })
})

it('gives up when every slot is held', async () => {
  const nobody: TabLocks = { take: () => Promise.resolve(null) }
  expect(await takeSeatSlot(nobody, 'm', [], null)).toBeNull()
})
