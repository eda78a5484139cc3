import { describe, expect, test } from 'vitest'

import { parseSgf, type SgfLimits } from './parse.ts'
import { mainLine } from './tree.ts'

/** What is refused, as `line:column code`. */
function refusalOf(source: string | Uint8Array, limits: Partial<SgfLimits> = {}): string | null {
  const parsed = parseSgf(source, limits)
  return parsed.ok ? null : `${parsed.error.line}:${parsed.error.column} ${parsed.error.code}`
}

function parsed(source: string | Uint8Array) {
  const result = parseSgf(source)
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

describe('reading SGF', () => {
  test('gives the trees of the file, with variations as they branch', () => {
    expect(parsed('(;FF[4]SZ[9];B[aa](;W[bb])(;W[cc];B[dd]))(;GM[1])')).toEqual([
      {
        nodes: [{ FF: ['4'], SZ: ['9'] }, { B: ['aa'] }],
        variations: [
          { nodes: [{ W: ['bb'] }], variations: [] },
          { nodes: [{ W: ['cc'] }, { B: ['dd'] }], variations: [] },
        ],
      },
      { nodes: [{ GM: ['1'] }], variations: [] },
    ])
  })

  test('keeps values as they are written, escapes and unknown properties included', () => {
    expect(parsed(String.raw`(;C[a \] b \\];XYZ[1][2]AP[x\:y:1];)`)[0]?.nodes).toEqual([
      { C: [String.raw`a \] b \\`] },
      { XYZ: ['1', '2'], AP: [String.raw`x\:y:1`] },
      {},
    ])
  })

  test('passes over white space, text before the first game, lower-case letters of old names, and a mark at the end', () => {
    expect(parsed('From: me (see below)\n\n ( \t;\r\nGaMe[1]\n AddBlack [aa]\n[bb]\n;B[cc] ) \u001a\n')).toEqual([
      { nodes: [{ GM: ['1'], AB: ['aa', 'bb'] }, { B: ['cc'] }], variations: [] },
    ])
  })

  test('joins the values of a property that stands twice in a node', () => {
    expect(parsed('(;AB[aa]AW[bb]AB[cc])')[0]?.nodes).toEqual([{ AB: ['aa', 'cc'], AW: ['bb'] }])
  })

  test('names that objects inherit are plain names', () => {
    expect(parsed('(;CONSTRUCTOR[1])')[0]?.nodes[0]).toEqual({ CONSTRUCTOR: ['1'] })
  })
})

describe('what cannot be read is refused with its place', () => {
  test.each([
    ['', '1:1 sgf/empty'],
    ['hello', '1:1 sgf/empty'],
    ['()', '1:1 sgf/missing-node'],
    ['(B[aa])', '1:1 sgf/missing-node'],
    ['(;B[aa]', '1:1 sgf/unclosed-tree'],
    ['(;B[aa];\n(;W[bb])\n(;W[cc]', '3:1 sgf/unclosed-tree'],
    ['(;B[aa]\n;W[bb', '2:3 sgf/unclosed-value'],
    ['(;C[a\\]', '1:4 sgf/unclosed-value'],
    ['(;C[a\\', '1:4 sgf/unclosed-value'],
    ['(;B)', '1:4 sgf/missing-value'],
    ['(;B', '1:4 sgf/missing-value'],
    ['(;B[aa]]', '1:8 sgf/unexpected-character'],
    ['(;[aa])', '1:3 sgf/unexpected-character'],
    ['(;1[aa])', '1:3 sgf/unexpected-character'],
    ['(;b[aa])', '1:3 sgf/unexpected-character'],
    ['(;B[aa](W[bb]))', '1:9 sgf/missing-node'],
    ['(;B[aa]())', '1:9 sgf/missing-node'],
    ['(;B[aa](;W[bb]);B[cc])', '1:16 sgf/unexpected-character'],
    ['(;B[aa]))', '1:9 sgf/unexpected-character'],
    ['(;B[aa])\r\n\r\nand more', '3:1 sgf/unexpected-character'],
    ['(;C[\u{1f600}\u{1f600}]é[1])', '1:8 sgf/unexpected-character'],
  ])('%j: %s', (source, refusal) => {
    expect(refusalOf(source)).toBe(refusal)
  })

  test('an encoding that is not known here', () => {
    expect(refusalOf(new TextEncoder().encode('(;GM[1]\nCA[klingon])'))).toBe('2:4 sgf/no-such-encoding')
    expect(refusalOf('(;GM[1]CA[klingon])')).toBeNull()
  })

  test('more than the ceilings allow', () => {
    expect(refusalOf('(;B[aa];W[bb])', { maxBytes: 13 })).toBe('1:1 sgf/too-large')
    expect(refusalOf('(;B[aa];W[bb])', { maxNodes: 1 })).toBe('1:8 sgf/too-many-nodes')
    expect(refusalOf('(;AB[aa][bb])', { maxValues: 1 })).toBe('1:9 sgf/too-many-values')
    expect(refusalOf('(;B[aa](;W[bb]))', { maxDepth: 1 })).toBe('1:8 sgf/too-deep')
    expect(refusalOf('(;B[aa](;W[bb]))', { maxBytes: 16, maxNodes: 2, maxValues: 2, maxDepth: 2 })).toBeNull()
  })

  test('a file that nests without end neither overflows the stack nor hangs', () => {
    expect(refusalOf('(;'.repeat(1_000_000))).toMatch(/sgf\/too-deep$/)
    expect(refusalOf('(;'.repeat(100_000) + ')'.repeat(100_000), { maxDepth: Infinity })).toBeNull()
    expect(refusalOf('('.repeat(2_000_000))).toBe('1:1 sgf/missing-node')
    expect(refusalOf(';'.repeat(2_000_000))).toBe('1:1 sgf/empty')
    expect(refusalOf(`(;C[${'\\'.repeat(2_000_000)}`)).toBe('1:4 sgf/unclosed-value')
  })
})

test('the main line is always the first variation', () => {
  const [tree] = parsed('(;N[1](;N[2](;N[3])(;N[x]))(;N[y]))')
  expect(tree && mainLine(tree).map(node => node['N']?.[0])).toEqual(['1', '2', '3'])
})
