import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { readRecord, records } from '../../test-support/records.ts'
import { parseSgf } from './parse.ts'
import { sgfToGame } from './sgf-to-game.ts'
import type { SgfCollection, SgfTree } from './tree.ts'
import { writeSgf } from './write.ts'

/**
 * What is wrong with the answer, or null: whatever comes is a value or an error with a place; what was read can be replayed or
 * refused, and reads the same after it was written.
 */
function faultOf(source: string | Uint8Array): string | null {
  const parsed = parseSgf(source)
  if (!parsed.ok) return parsed.error.line > 0 && parsed.error.column > 0 ? null : 'no place'
  for (const tree of parsed.value) sgfToGame(tree)
  const again = parseSgf(writeSgf(parsed.value))
  return JSON.stringify(again) === JSON.stringify(parsed) ? null : 'reads otherwise'
}

const files = (Object.keys(records) as (keyof typeof records)[]).map(readRecord)

describe('bad SGF never crashes and never hangs', () => {
  test('text made of the characters that mean something', () => {
    const mark = fc.constantFrom(
      '(',
      ')',
      ';',
      '[',
      ']',
      '\\',
      'B',
      'W',
      'AB',
      'SZ',
      'KM',
      'aa',
      'tt',
      ':',
      '9',
      '\n',
      ' ',
      'é',
    )
    fc.assert(
      fc.property(fc.array(mark, { maxLength: 60 }), marks => {
        expect(faultOf(marks.join(''))).toBeNull()
        expect(faultOf(`(;${marks.join('')})`)).toBeNull()
      }),
      { numRuns: 3000 },
    )
  })

  test('any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        expect(faultOf(bytes)).toBeNull()
      }),
      { numRuns: 1000 },
    )
  })

  test('real files with bytes changed, cut out and put in', () => {
    const edit = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      remove: fc.integer({ min: 0, max: 40 }),
      insert: fc.oneof(
        fc.uint8Array({ maxLength: 8 }),
        fc.constantFrom(...['(', ')', ';', '[', ']', '\\'].map(mark => new TextEncoder().encode(mark))),
      ),
    })
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.array(edit, { minLength: 1, maxLength: 6 }), (file, edits) => {
        const bytes = [...file.subarray(0, 6000)]
        for (const { at, remove, insert } of edits) bytes.splice(Math.floor(at * bytes.length), remove, ...insert)
        expect(faultOf(Uint8Array.from(bytes))).toBeNull()
      }),
      { numRuns: 600 },
    )
  })

  test.each(['resigned', 'counted'] as const)(
    'the file "%s" cut off anywhere is refused, not taken for whole',
    name => {
      const text = new TextDecoder().decode(readRecord(name)).trimEnd()
      const read: number[] = []
      for (let length = 0; length <= text.length; length++) if (parseSgf(text.slice(0, length)).ok) read.push(length)
      expect(read).toEqual([text.length])
    },
  )
})

test('every tree that is written reads as the same tree', () => {
  const value = fc.string({
    unit: fc.constantFrom('a', '\\]', '\\\\', '\n', ':', '(', ')', ';', '[', 'é', ' '),
    maxLength: 6,
  })
  const name = fc.constantFrom('B', 'W', 'C', 'AB', 'XX')
  const node = fc.dictionary(name, fc.array(value, { minLength: 1, maxLength: 3 }), {
    maxKeys: 3,
    noNullPrototype: true,
  })
  const { tree } = fc.letrec<{ tree: SgfTree }>(tie => ({
    tree: fc.record({
      nodes: fc.array(node, { minLength: 1, maxLength: 12 }),
      variations: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie('tree'), { maxLength: 3 })),
    }),
  }))
  fc.assert(
    fc.property(fc.array(tree, { minLength: 1, maxLength: 3 }), (collection: SgfCollection) => {
      expect(parseSgf(writeSgf(collection))).toEqual({ ok: true, value: collection })
    }),
    { numRuns: 300 },
  )
})
