import { type GoSetup, parseVertex } from '@tsugi/go'
import { expect, it } from 'vitest'

import { positionText } from '../board/position-text.ts'
import type { MoveModel } from './game-model.ts'
import { PositionLine } from './position-line.ts'

const setup: GoSetup = { size: 5, ruleset: 'japanese', komi: 6.5, handicap: 0 }
const moves = (text: string): MoveModel[] =>
  text.split(' ').map((point, index) => ({
    seat: index % 2 === 0 ? 0 : 1,
    vertex: point === 'pass' ? null : parseVertex(point, 5),
    lateByMs: 0,
  }))

it('has one position more than moves', () => {
  const positions = new PositionLine(setup).through(moves('C3 B2 D3'))
  expect(positions).toHaveLength(4)
  expect(positionText(positions[3]?.board ?? new Uint8Array())).toBe('............XX..O........')
})

it('keeps the positions that stay, so that a new move replays only itself', () => {
  const line = new PositionLine(setup)
  const before = line.through(moves('C3 B2'))
  const after = line.through(moves('C3 B2 D3'))
  expect(after.slice(0, 3)).toEqual(before)
  expect(after[2]).toBe(before[2])
})

it('follows when moves are taken back and others are played', () => {
  const line = new PositionLine(setup)
  line.through(moves('C3 B2 D3'))
  expect(line.through(moves('C3'))).toHaveLength(2)
  const again = line.through(moves('C3 D2 D3'))
  expect(again.at(-1)?.board[parseVertex('D2', 5) ?? 0]).toBe(2)
  expect(again.at(-1)?.board[parseVertex('B2', 5) ?? 0]).toBe(0)
})

it('goes on after both passed and the game was resumed', () => {
  const positions = new PositionLine(setup).through(moves('C3 pass pass B2 D3'))
  expect(positions).toHaveLength(6)
  expect(positions.at(-1)?.board[parseVertex('D3', 5) ?? 0]).toBe(1)
})

it('stops at what cannot be played instead of showing something wrong', () => {
  expect(new PositionLine(setup).through(moves('C3 C3'))).toHaveLength(2)
})
