import { describe, expect, test } from 'vitest'

import { defaultKomi, encodeSetup, parseSetup } from './setup.ts'

const sound = { size: 19, ruleset: 'japanese', komi: 6.5, handicap: 0 }

describe('a setup that came from elsewhere', () => {
  test('is read with komi in points or, as it travels, in half points', () => {
    expect(parseSetup(sound)).toEqual({ ok: true, value: sound })
    expect(parseSetup({ size: 19, ruleset: 'japanese', komi2: 13, handicap: 0 })).toEqual({ ok: true, value: sound })
  })

  test.each([
    [null, 'go/bad-setup'],
    ['japanese', 'go/bad-setup'],
    [{ ...sound, extra: 1 }, 'go/bad-setup'],
    [{ ...sound, komi2: 13 }, 'go/bad-setup'],
    [{ ...sound, size: 4 }, 'go/bad-size'],
    [{ ...sound, size: 20 }, 'go/bad-size'],
    [{ ...sound, size: 9.5 }, 'go/bad-size'],
    [{ ...sound, size: '9' }, 'go/bad-size'],
    [{ ...sound, ruleset: 'ing' }, 'go/bad-ruleset'],
    [{ ...sound, ruleset: 'toString' }, 'go/bad-ruleset'],
    [{ ...sound, ruleset: '__proto__' }, 'go/bad-ruleset'],
    [{ ...sound, komi: 6.25 }, 'go/bad-komi'],
    [{ ...sound, komi: 150.5 }, 'go/bad-komi'],
    [{ ...sound, komi: -0 }, 'go/bad-komi'],
    [{ ...sound, komi: NaN }, 'go/bad-komi'],
    [{ ...sound, komi: Infinity }, 'go/bad-komi'],
    [{ ...sound, komi: undefined, komi2: 1.5 }, 'go/bad-komi'],
    [{ ...sound, handicap: 1 }, 'go/bad-handicap'],
    [{ ...sound, handicap: 10 }, 'go/bad-handicap'],
    [{ ...sound, handicap: -2 }, 'go/bad-handicap'],
    [{ ...sound, size: 5, handicap: 2 }, 'go/handicap-too-large'],
    [{ ...sound, size: 7, handicap: 5 }, 'go/handicap-too-large'],
  ])('%o is refused with %s', (value, code) => {
    expect(parseSetup(value)).toEqual({ ok: false, code })
  })

  test('what is encoded is read back, negative komi too', () => {
    for (const komi of [-10.5, 0, 0.5, 7]) {
      const setup = { size: 9, ruleset: 'aga', komi, handicap: 2 } as const
      expect(parseSetup(encodeSetup(setup))).toEqual({ ok: true, value: setup })
    }
  })
})

test('komi is that of the rule set, and half a point with handicap stones', () => {
  expect(defaultKomi('japanese')).toBe(6.5)
  expect(defaultKomi('chinese')).toBe(7.5)
  expect(defaultKomi('aga')).toBe(7.5)
  expect(defaultKomi('new-zealand')).toBe(7)
  expect(defaultKomi('japanese', 3)).toBe(0.5)
})
