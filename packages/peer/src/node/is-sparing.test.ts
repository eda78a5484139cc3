import { describe, expect, it } from 'vitest'

import { isSparing } from './is-sparing.ts'

describe('whether a page would rather be quiet', () => {
  it.each<[string, Parameters<typeof isSparing>[0], boolean]>([
    ['nobody looks at it', { document: { visibilityState: 'hidden' } }, true],
    ['its user saves data', { navigator: { connection: { saveData: true } } }, true],
    ['it is on a phone’s network', { navigator: { connection: { type: 'cellular' } } }, true],
    ['it is looked at', { document: { visibilityState: 'visible' }, navigator: {} }, false],
    ['it is looked at, by Wi-Fi', { navigator: { connection: { type: 'wifi', saveData: false } } }, false],
    ['it is no page', undefined, false],
  ])('when %s', (_, surroundings, expected) => {
    expect(isSparing(surroundings)).toBe(expected)
  })
})
