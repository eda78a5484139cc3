import { GoError } from '../codes.ts'
import type { SgfCollection, SgfNode, SgfTree } from './tree.ts'

/** Nodes on one line of the written file. */
const NODES_PER_LINE = 10

/**
 * Writes game trees as SGF text. What {@link parseSgf} read comes out with the same nodes, values and variations; white space between
 * them is new.
 *
 * @throws GoError `go/bad-argument` for a name that is not upper-case letters, a property without values, a value with an
 *   unescaped `]` or a backslash at its end, or a tree without nodes
 */
export function writeSgf(collection: SgfCollection): string {
  const parts: string[] = []
  // What is still to be written, the next on top: trees, and the brackets that close them.
  const todo: (SgfTree | ')')[] = [...collection].reverse()
  for (let next = todo.pop(); next; next = todo.pop()) {
    if (next === ')') {
      parts.push(')\n')
      continue
    }
    if (next.nodes.length === 0) throw new GoError('go/bad-argument', 'A game tree has at least one node.')
    parts.push('(')
    next.nodes.forEach((node, index) => {
      if (index > 0 && index % NODES_PER_LINE === 0) parts.push('\n')
      parts.push(writeNode(node))
    })
    if (next.variations.length > 0) parts.push('\n')
    todo.push(')')
    for (let index = next.variations.length - 1; index >= 0; index--) {
      const variation = next.variations[index]
      if (variation) todo.push(variation)
    }
  }
  return parts.join('')
}

function writeNode(node: SgfNode): string {
  let written = ';'
  for (const [name, values] of Object.entries(node)) {
    if (!/^[A-Z]+$/.test(name)) throw new GoError('go/bad-argument', `"${name}" is no name of an SGF property.`)
    if (values.length === 0) throw new GoError('go/bad-argument', `The SGF property ${name} has no value.`)
    written += name
    for (const value of values) {
      if (!/^(?:[^\]\\]|\\[\s\S])*$/.test(value))
        throw new GoError('go/bad-argument', `A value of ${name} is not escaped.`)
      written += `[${value}]`
    }
  }
  return written
}
