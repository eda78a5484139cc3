import fc from 'fast-check'
import { expect, test } from 'vitest'

import { escapeSgf, sgfCompose, sgfSimpleText, sgfText } from './text.ts'

test('text: escapes undone, hidden line breaks removed, other white space as blanks', () => {
  expect(sgfText(String.raw`a \] b \\ c \: d \x`)).toBe(String.raw`a ] b \ c : d x`)
  expect(sgfText('one\\\ntwo\\\r\nthree\r\nfour\rfive\n\rsix\tseven')).toBe('onetwothree\nfour\nfive\nsix seven')
  expect(sgfSimpleText('one\ntwo\\\nthree')).toBe('one twothree')
})

test('composed values part at the first colon that is not escaped', () => {
  expect(sgfCompose('aa:bb')).toEqual(['aa', 'bb'])
  expect(sgfCompose(String.raw`a\:b:c:d`)).toEqual([String.raw`a\:b`, 'c:d'])
  expect(sgfCompose(String.raw`a\:b\\`)).toBeNull()
})

test('what is escaped reads as it was, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), text => {
      const plain = text.replaceAll(/\r\n|\n\r|\r/g, '\n').replaceAll(/[\t\v\f]/g, ' ')
      expect(sgfText(escapeSgf(text))).toBe(plain)
    }),
    { numRuns: 500 },
  )
})
