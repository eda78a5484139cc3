import fc from 'fast-check'
import { expect, it } from 'vitest'

import { parsePreferences, readPreferences, writePreferences } from './preferences.ts'

it('whatever was stored gives sound preferences', () => {
  fc.assert(
    fc.property(fc.option(fc.oneof(fc.json(), fc.string())), text => {
      const { name, theme, muted, setup } = parsePreferences(text)
      expect(name.length).toBeLessThanOrEqual(32)
      expect(['auto', 'light', 'dark']).toContain(theme)
      expect([typeof muted, typeof setup]).toEqual(['boolean', 'string'])
    }),
    { numRuns: 200 },
  )
})

it('reads back what was written', () => {
  expect(parsePreferences(JSON.stringify({ name: 'Hana', theme: 'dark', muted: true, setup: '{}' }))).toEqual({
    name: 'Hana',
    theme: 'dark',
    muted: true,
    setup: '{}',
  })
})

it('remembers for the tab’s life where nothing can be stored', () => {
  writePreferences({ name: 'Hana' })
  expect(readPreferences().name).toBe('Hana')
})
