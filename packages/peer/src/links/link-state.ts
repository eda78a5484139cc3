import type { LinkKind } from './link.ts'

/**
 * - `none`: nothing yet
 * - `finding`: a circuit is being opened
 * - `routed`: its messages reach us over a relay's gossip route; no connection of our own
 * - `relayed`: a circuit stands
 * - `upgrading`: a circuit stands, a direct line is being opened
 * - `direct`: a direct line stands
 * - `closed`: ended
 */
export type LinkState = 'none' | 'finding' | 'routed' | 'relayed' | 'upgrading' | 'direct' | 'closed'

/** What is known about a link. */
export interface LinkFacts {
  readonly isEnded: boolean
  readonly directConnections: number
  readonly circuits: number
  /** The peer was heard lately over a relay's route. */
  readonly isRouted: boolean
  readonly attempt: 'circuit' | 'upgrade' | undefined
}

/** The first rule that holds names the state. */
const rules: readonly (readonly [LinkState, (facts: LinkFacts) => boolean])[] = [
  ['closed', facts => facts.isEnded],
  ['direct', facts => facts.directConnections > 0],
  ['upgrading', facts => facts.circuits > 0 && facts.attempt === 'upgrade'],
  ['relayed', facts => facts.circuits > 0],
  ['routed', facts => facts.isRouted],
  ['finding', facts => facts.attempt !== undefined],
  ['none', () => true],
]

const kinds: Readonly<Record<LinkState, LinkKind>> = {
  none: 'none',
  finding: 'none',
  routed: 'relayed',
  relayed: 'relayed',
  upgrading: 'relayed',
  direct: 'direct',
  closed: 'closed',
}

/** The state that a link is in. */
export function stateOf(facts: LinkFacts): LinkState {
  return rules.find(([, holds]) => holds(facts))?.[0] ?? 'none'
}

/** What an application sees of a state. */
export function kindOf(state: LinkState): LinkKind {
  return kinds[state]
}
