import { expect, it } from 'vitest'

import { ago, clampText, lasting, resultSentence } from './words.ts'

it.each([
  ['B+3.5', 'Black wins by 3.5 points.'],
  ['W+1', 'White wins by 1 point.'],
  ['W+R', 'White wins by resignation.'],
  ['B+T', 'Black wins on time.'],
  ['Void', 'The game has no result.'],
  ['0', 'The game is a draw.'],
])('%s reads “%s”', (text, sentence) => expect(resultSentence(text)).toBe(sentence))

it('says roughly how long ago something was', () => {
  expect(ago(0, 59_000)).toBe('just now')
  expect(ago(0, 61_000)).toBe('1 min ago')
  expect(ago(0, 2 * 3_600_000)).toBe('2 h ago')
  expect(ago(0, 30 * 3_600_000)).toBe('yesterday')
  expect(lasting(45_000)).toBe('45 s')
})

it('cuts text of others to length, by characters, and takes control and direction marks out', () => {
  expect(clampText('abcdef', 4)).toBe('abc…')
  expect(clampText('👩‍🚀👩‍🚀', 99)).not.toContain('\u200d')
  expect(clampText('a\u202eb\u0000c\nd', 10)).toBe('a b c d')
})
