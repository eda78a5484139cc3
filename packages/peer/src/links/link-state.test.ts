import { describe, expect, it } from 'vitest'

import { type LinkFacts, kindOf, stateOf } from './link-state.ts'

const nothing: LinkFacts = { isEnded: false, directConnections: 0, circuits: 0, isRouted: false, attempt: undefined }

describe('the state of a link', () => {
  it.each<[Partial<LinkFacts>, string, string]>([
    [{}, 'none', 'none'],
    [{ attempt: 'circuit' }, 'finding', 'none'],
    [{ isRouted: true }, 'routed', 'relayed'],
    [{ isRouted: true, attempt: 'circuit' }, 'routed', 'relayed'],
    [{ circuits: 1 }, 'relayed', 'relayed'],
    [{ circuits: 1, isRouted: true, attempt: 'upgrade' }, 'upgrading', 'relayed'],
    [{ circuits: 1, directConnections: 1, attempt: 'upgrade' }, 'direct', 'direct'],
    [{ directConnections: 2 }, 'direct', 'direct'],
    [{ directConnections: 1, isEnded: true }, 'closed', 'closed'],
  ])('with %o is %s, which is shown as %s', (facts, state, kind) => {
    expect(stateOf({ ...nothing, ...facts })).toBe(state)
    expect(kindOf(stateOf({ ...nothing, ...facts }))).toBe(kind)
  })
})
