import { CODES } from '@tsugi/protocol'
import { expect, it } from 'vitest'

import { refusalSentence } from './refusal-words.ts'

it('the rules’ own reason comes before the match’s', () => {
  expect(refusalSentence('move/illegal', 'go/ko')).toContain('ko')
  expect(refusalSentence('move/illegal')).toBe('The rules forbid that move.')
})

it.each(Object.keys(CODES))('%s becomes a sentence', code => {
  expect(refusalSentence(code)).toMatch(/^[A-Z].*\.$/s)
})

it('an unknown code is named, so that it can be reported', () => {
  expect(refusalSentence('new/code')).toContain('new/code')
})
