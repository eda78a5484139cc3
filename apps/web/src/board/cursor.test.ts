import { expect, it } from 'vitest'

import { moveCursor } from './cursor.ts'

it('appears at the centre', () => {
  expect(moveCursor(null, 9, 'ArrowLeft')).toBe(40)
  expect(moveCursor(null, 19, 'ArrowDown')).toBe(180)
})

it('moves by one line and stops at the edge', () => {
  expect(moveCursor(40, 9, 'ArrowUp')).toBe(31)
  expect(moveCursor(40, 9, 'ArrowRight')).toBe(41)
  expect(moveCursor(0, 9, 'ArrowUp')).toBe(0)
  expect(moveCursor(0, 9, 'ArrowLeft')).toBe(0)
  expect(moveCursor(80, 9, 'ArrowDown')).toBe(80)
})

it('goes to the ends of its row and column', () => {
  expect(moveCursor(40, 9, 'Home')).toBe(36)
  expect(moveCursor(40, 9, 'End')).toBe(44)
  expect(moveCursor(40, 9, 'PageUp')).toBe(4)
  expect(moveCursor(40, 9, 'PageDown')).toBe(76)
})

it('leaves other keys alone', () => {
  expect(moveCursor(40, 9, 'Enter')).toBeNull()
  expect(moveCursor(40, 9, 'constructor')).toBeNull()
})
