import { parseSetup } from '@tsugi/go'
import { clockSettingSchema } from '@tsugi/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'

import { clockKinds, clockPresets, normalClock } from './clock-choice.ts'
import { clockSettingOf } from './clock-setting.ts'
import { changeSetup, firstSetup, goSetupOf, handicapsOf, parseSetupForm } from './setup-form.ts'

it('komi follows the rules and the handicap, until it is set by hand', () => {
  expect(changeSetup(firstSetup, { ruleset: 'chinese' }).komi).toBe(7.5)
  expect(changeSetup(firstSetup, { handicap: 3 }).komi).toBe(0.5)
  expect(changeSetup(changeSetup(firstSetup, { handicap: 3 }), { handicap: 0 }).komi).toBe(6.5)
  expect(changeSetup(firstSetup, { komi: 5.5 }).komi).toBe(5.5)
  expect(changeSetup({ ...firstSetup, komi: 5.5 }, { size: 13 }).komi).toBe(5.5)
})

it('a handicap that a smaller board cannot hold is cut down to what it can', () => {
  const nine = changeSetup({ ...firstSetup, size: 19 }, { handicap: 9 })
  expect(changeSetup(nine, { size: 7 }).handicap).toBe(4)
  expect(changeSetup(nine, { size: 5 }).handicap).toBe(0)
  expect(handicapsOf(5)).toEqual([0])
  expect(handicapsOf(9)).toEqual([0, 2, 3, 4, 5, 6, 7, 8, 9])
})

it('whatever was remembered becomes a form that makes a sound game', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), text => {
      const form = parseSetupForm(text)
      expect(parseSetup(goSetupOf(form)).ok).toBe(true)
    }),
    { numRuns: 200 },
  )
})

it('remembers a whole form', () => {
  const form = changeSetup(firstSetup, {
    size: 13,
    ruleset: 'aga',
    handicap: 4,
    color: 'white',
    clock: normalClock('canadian'),
  })
  expect(parseSetupForm(JSON.stringify(form))).toEqual(form)
})

it.each(clockKinds.map(known => known.kind))('each preset of %s makes a clock that the protocol takes', kind => {
  for (const choice of [normalClock(kind), ...clockPresets(kind).map(preset => preset.choice)]) {
    const setting = clockSettingOf(choice)
    expect(setting.type).toBe(kind === 'byo-yomi' ? 'byoyomi' : kind)
    expect(clockSettingSchema['~standard'].validate(setting)).not.toHaveProperty('issues')
  }
})
