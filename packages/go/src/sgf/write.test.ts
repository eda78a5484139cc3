import { describe, expect, test } from 'vitest'

import { readRecord, records } from '../../test-support/records.ts'
import { GoError } from '../codes.ts'
import { parseSgf } from './parse.ts'
import type { SgfTree } from './tree.ts'
import { writeSgf } from './write.ts'

describe('writing SGF', () => {
  test.each(Object.keys(records) as (keyof typeof records)[])(
    'the file "%s" reads the same after it was written',
    name => {
      const parsed = parseSgf(readRecord(name))
      expect(parseSgf(writeSgf(parsed.ok ? parsed.value : []))).toEqual(parsed)
    },
  )

  test('a tree ten thousand variations deep is written without recursion', () => {
    let tree: SgfTree = { nodes: [{ B: ['aa'] }], variations: [] }
    for (let depth = 0; depth < 10_000; depth++) tree = { nodes: [{}], variations: [tree] }
    expect(writeSgf([tree]).length).toBeGreaterThan(30_000)
  })

  test.each([
    ['a tree without nodes', { nodes: [], variations: [] }],
    ['a name in lower case', { nodes: [{ b: ['aa'] }], variations: [] }],
    ['a property without values', { nodes: [{ B: [] }], variations: [] }],
    ['a bracket that is not escaped', { nodes: [{ C: ['a]'] }], variations: [] }],
    ['a backslash at the end', { nodes: [{ C: ['a\\'] }], variations: [] }],
  ])('%s is a mistake of the caller', (_, tree) => {
    expect(() => writeSgf([tree as SgfTree])).toThrow(GoError)
  })
})
