import { sgfCodes, type SgfCode } from '../codes.ts'
import { decodeSgfBytes } from './decode.ts'
import type { SgfCollection, SgfTree } from './tree.ts'

/** Ceilings that no file may exceed. */
export interface SgfLimits {
  /** Bytes of the file, or characters where text is given. Default: 4 MiB. */
  readonly maxBytes: number
  /** Nodes of all trees together. Default: 100,000. */
  readonly maxNodes: number
  /** Property values of all trees together. Default: 500,000. */
  readonly maxValues: number
  /** Variations within variations. Default: 2,000. */
  readonly maxDepth: number
}

/** The ceilings that hold unless others are given. */
export const defaultSgfLimits: SgfLimits = {
  maxBytes: 4 * 1024 * 1024,
  maxNodes: 100_000,
  maxValues: 500_000,
  maxDepth: 2_000,
}

/** Where and why a file was refused. Lines and columns count from 1, columns in characters. */
export interface SgfError {
  readonly line: number
  readonly column: number
  readonly code: SgfCode
  readonly message: string
}

/** The trees of a file, or the first mistake in it. */
export type SgfParsed =
  | { readonly ok: true; readonly value: SgfCollection }
  | { readonly ok: false; readonly error: SgfError }

/** A tree that is still being read. */
interface OpenTree {
  readonly nodes: Record<string, string[]>[]
  readonly variations: OpenTree[]
}

/**
 * Reads SGF FF[4] (and FF[1] to FF[3], whose lower-case letters in property names are passed over). Never throws, takes time in
 * proportion to the length, and uses no recursion, however deeply the file nests.
 *
 * Read loosely: what stands before the first `(;` is skipped, a property that stands twice in a node has its values
 * joined. Everything else that the grammar does not allow is an error with its place.
 *
 * @param source the text, or the bytes of a file, whose encoding is taken from its `CA` property (UTF-8 or else Latin-1 without one)
 */
export function parseSgf(source: string | Uint8Array, limits: Partial<SgfLimits> = {}): SgfParsed {
  const { maxBytes, maxNodes, maxValues, maxDepth } = { ...defaultSgfLimits, ...limits }
  if (source.length > maxBytes) return failure('', 0, 'sgf/too-large')
  let text: string
  if (typeof source === 'string') text = source
  else {
    const decoded = decodeSgfBytes(source)
    if (!decoded.ok) return failure(decoded.text, decoded.at, 'sgf/no-such-encoding')
    text = decoded.text
  }

  const collection: OpenTree[] = []
  const open: OpenTree[] = []
  // Where the brackets of the open trees stand.
  const openedAt: number[] = []
  let nodes = 0
  let values = 0
  let at = startOfGames(text)
  if (at < 0)
    return failure(text, Math.max(0, text.indexOf('(')), text.includes('(') ? 'sgf/missing-node' : 'sgf/empty')

  while (at < text.length) {
    const mark = text.charCodeAt(at)
    const tree = open.at(-1)
    if (isBlank(mark)) {
      at++
    } else if (mark === PAREN_OPEN) {
      if (tree && tree.nodes.length === 0) return failure(text, at, 'sgf/missing-node')
      if (open.length >= maxDepth) return failure(text, at, 'sgf/too-deep')
      const opened: OpenTree = { nodes: [], variations: [] }
      ;(tree ? tree.variations : collection).push(opened)
      open.push(opened)
      openedAt.push(at)
      at++
    } else if (!tree) {
      return failure(text, at, 'sgf/unexpected-character')
    } else if (mark === PAREN_CLOSE) {
      if (tree.nodes.length === 0) return failure(text, at, 'sgf/missing-node')
      open.pop()
      openedAt.pop()
      at++
    } else if (tree.variations.length > 0) {
      return failure(text, at, 'sgf/unexpected-character')
    } else if (mark === SEMICOLON) {
      if (++nodes > maxNodes) return failure(text, at, 'sgf/too-many-nodes')
      tree.nodes.push({})
      at++
    } else {
      const node = tree.nodes.at(-1)
      if (!isLetter(mark)) return failure(text, at, 'sgf/unexpected-character')
      if (!node) return failure(text, at, 'sgf/missing-node')
      const nameAt = at
      while (isLetter(text.charCodeAt(at))) at++
      const name = text.slice(nameAt, at).replaceAll(/[a-z]/g, '')
      if (name === '') return failure(text, nameAt, 'sgf/unexpected-character')
      at = skipBlanks(text, at)
      if (text.charCodeAt(at) !== BRACKET_OPEN) return failure(text, at, 'sgf/missing-value')
      const list = (node[name] ??= [])
      while (text.charCodeAt(at) === BRACKET_OPEN) {
        const end = endOfValue(text, at + 1)
        if (end < 0) return failure(text, at, 'sgf/unclosed-value')
        if (++values > maxValues) return failure(text, at, 'sgf/too-many-values')
        list.push(text.slice(at + 1, end))
        at = skipBlanks(text, end + 1)
      }
    }
  }
  const unclosed = openedAt.at(-1)
  if (unclosed !== undefined) return failure(text, unclosed, 'sgf/unclosed-tree')
  return { ok: true, value: collection satisfies SgfTree[] }
}

const PAREN_OPEN = 0x28
const PAREN_CLOSE = 0x29
const SEMICOLON = 0x3b
const BRACKET_OPEN = 0x5b
const BRACKET_CLOSE = 0x5d
const BACKSLASH = 0x5c

/** Where the first game tree begins: at a bracket that a node follows; -1 without one. */
function startOfGames(text: string): number {
  for (let at = text.indexOf('('); at >= 0; at = text.indexOf('(', at + 1)) {
    if (text.charCodeAt(skipBlanks(text, at + 1)) === SEMICOLON) return at
  }
  return -1
}

/** White space and control characters, with which old programs end their files. */
function isBlank(mark: number): boolean {
  return mark <= 0x20 || mark === 0xa0 || mark === 0xfeff
}

function isLetter(mark: number): boolean {
  return (mark >= 0x41 && mark <= 0x5a) || (mark >= 0x61 && mark <= 0x7a)
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (at < text.length && isBlank(text.charCodeAt(at))) at++
  return at
}

/** Where the bracket stands that closes a value, or -1. */
function endOfValue(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const mark = text.charCodeAt(at)
    if (mark === BRACKET_CLOSE) return at
    if (mark === BACKSLASH) at++
  }
  return -1
}

function failure(text: string, at: number, code: SgfCode): { ok: false; error: SgfError } {
  const lines = text.slice(0, at).split(/\r\n|\n|\r/)
  const column = Array.from(lines.at(-1) ?? '').length + 1
  return { ok: false, error: { line: lines.length, column, code, message: sgfCodes[code] } }
}
