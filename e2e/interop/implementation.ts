import { ForeignNode } from './foreign-node.ts'
import type { InteropNode, StartOptions } from './node.ts'
import { StockNode } from './stock-node.ts'

/** Somebody's libp2p. */
export interface Implementation {
  /** As the tables name it. */
  readonly name: 'go' | 'rust' | 'js'
  /** A node that dials and listens on circuits. */
  readonly start: (options?: StartOptions) => Promise<InteropNode>
  /** The program of its own, where it has one. */
  readonly program?: string
}

/** An implementation that is a program. */
export function foreign(name: 'go' | 'rust', program: string): Implementation {
  return { name, program, start: options => ForeignNode.start(program, options) }
}

/** The stock parts of js-libp2p. */
export const stock: Implementation = { name: 'js', start: () => StockNode.start() }
