import type { RematchView } from '@tsugi/match'
import { expect, it } from 'vitest'

import { chosenRematch, isRematchAgreed } from './rematch-offers.ts'

function offer(by: 0 | 1, match: string, secret: Uint8Array | null = new Uint8Array(16)): RematchView {
  return { by, match, secret } as RematchView
}

it('a rematch is agreed when both have offered one, whichever', () => {
  expect(isRematchAgreed([])).toBe(false)
  expect(isRematchAgreed([offer(0, 'a'), offer(0, 'b')])).toBe(false)
  expect(isRematchAgreed([offer(0, 'a'), offer(1, 'b')])).toBe(true)
})

it('of two games offered at once everybody takes the same, whatever the order in which they came', () => {
  const [a, b] = [offer(0, 'a'), offer(1, 'b')]
  expect(chosenRematch([a, b])).toBe(a)
  expect(chosenRematch([b, a])).toBe(a)
})

it('an offer that cannot be read here is passed over', () => {
  const readable = offer(1, 'b')
  expect(chosenRematch([offer(0, 'a', null), readable])).toBe(readable)
  expect(chosenRematch([offer(0, 'a', null)])).toBeUndefined()
})
