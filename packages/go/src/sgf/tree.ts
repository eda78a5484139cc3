/**
 * One node: properties by their upper-case names, in the order of the file. Values are kept as they stand in the file between
 * the brackets, still escaped, so that nothing unknown is lost: read them with `sgfText`, `sgfSimpleText`, `sgfCompose` or
 * `sgfPoints`, and escape what you put in with `escapeSgf`.
 */
export type SgfNode = Readonly<Record<string, readonly string[]>>

/** Nodes one after the other, and the trees that may follow them: the first goes on with the main line. */
export interface SgfTree {
  readonly nodes: readonly SgfNode[]
  readonly variations: readonly SgfTree[]
}

/** The game trees of one file, at least one. */
export type SgfCollection = readonly SgfTree[]

/** The nodes of the main line: always the first variation, down to its end. */
export function mainLine(tree: SgfTree): SgfNode[] {
  const nodes: SgfNode[] = []
  for (let at: SgfTree | undefined = tree; at; at = at.variations[0]) nodes.push(...at.nodes)
  return nodes
}
