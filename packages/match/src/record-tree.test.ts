import { type MatchRecord, type RecordHash, type RecordKind } from '@tsugi/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type Branch, compareBranches } from './fork-order.ts'
import { RecordTree } from './record-tree.ts'
import { type Standing } from './standing.ts'

interface Sketch {
  readonly hash: RecordHash
  readonly parent: RecordHash | null
  readonly author: string
  readonly kind: RecordKind
  readonly height: number
}

/** Grows a tree in the order given; parents must come first. Only what forks look at is filled in. */
function grow(sketches: readonly Sketch[]): RecordTree {
  const tree = new RecordTree()
  for (const sketch of sketches) {
    const record = { ...sketch, counter: 1 } as unknown as MatchRecord
    tree.add(record, { author: 0 } as Standing, { startedAt: 0, lateByMs: 0 })
  }
  return tree
}

const kinds: readonly RecordKind[] = ['move', 'pass', 'undo-ask', 'resign']
const anySketches = fc
  .array(
    fc.record({
      below: fc.nat(),
      author: fc.constantFrom('ann', 'ben', 'cat'),
      kind: fc.constantFrom(...kinds),
      hash: fc.nat(),
    }),
    { maxLength: 24 },
  )
  .map(picks => {
    const root: Sketch = { hash: 'r' as RecordHash, parent: null, author: 'ann', kind: 'genesis', height: 0 }
    const sketches = [root]
    for (const [index, pick] of picks.entries()) {
      const parent = sketches[pick.below % sketches.length] ?? root
      const hash = `${pick.hash.toString(16)}-${index}` as RecordHash
      sketches.push({ hash, parent: parent.hash, author: pick.author, kind: pick.kind, height: parent.height + 1 })
    }
    return sketches
  })

function chainOf(sketches: readonly Sketch[]): readonly RecordHash[] {
  return grow(sketches)
    .chain()
    .map(node => node.record.hash)
}

describe('the chain', () => {
  it('[F1] is the same in whatever order the records came', () => {
    fc.assert(
      fc.property(anySketches, fc.infiniteStream(fc.nat()), (sketches, picks) => {
        const left = [...sketches]
        const placed = new Set<RecordHash | null>([null])
        const order: Sketch[] = []
        while (left.length > 0) {
          const ready = left.filter(sketch => placed.has(sketch.parent))
          const next = ready[(picks.next().value ?? 0) % ready.length]
          if (next === undefined) break
          order.push(next)
          placed.add(next.hash)
          left.splice(left.indexOf(next), 1)
        }
        expect(chainOf(order)).toEqual(chainOf(sketches))
      }),
      { numRuns: 300 },
    )
  })
  it('[F2] [F3] is the greatest path: letting go of whatever stands beside it changes nothing', () => {
    fc.assert(
      fc.property(anySketches, fc.array(fc.boolean(), { minLength: 25, maxLength: 25 }), (sketches, keeps) => {
        const chain = chainOf(sketches)
        const kept = new Set<RecordHash | null>([null])
        const left = sketches.filter((sketch, index) => {
          const stays = chain.includes(sketch.hash) || (keeps[index] && kept.has(sketch.parent))
          if (stays) kept.add(sketch.hash)
          return stays
        })
        expect(chainOf(left)).toEqual(chain)
      }),
      { numRuns: 500 },
    )
  })
  it('[F1] a new record never makes a lesser path win: it wins itself, on its own path, or all stays as it was', () => {
    fc.assert(
      fc.property(anySketches, sketches => {
        const chains = sketches.map((_, count) => chainOf(sketches.slice(0, count + 1)))
        const isFair = sketches.map((newest, at) => {
          const chain = chains[at] ?? []
          return chain.includes(newest.hash) || String(chain) === String(chains[at - 1])
        })
        expect(isFair).toEqual(sketches.map(() => true))
      }),
      { numRuns: 200 },
    )
  })
})

describe('between two children of a record by ann', () => {
  const branch = (author: string, kind: RecordKind, hash: string, isEndorsed = false): Branch => ({
    author,
    kind,
    hash: hash as RecordHash,
    isEndorsed,
  })
  it('[F2] the one that another has built on comes first, against everything else', () => {
    expect(compareBranches('ann', branch('ann', 'resign', 'f', true), branch('ben', 'move', 'a'))).toBeLessThan(0)
  })
  it('[F3] then the one that is not ann’s', () => {
    expect(compareBranches('ann', branch('ben', 'resign', 'f'), branch('ann', 'move', 'a'))).toBeLessThan(0)
  })
  it('[F4] then what goes on with the game', () => {
    expect(compareBranches('ann', branch('ben', 'move', 'f'), branch('cat', 'resign', 'a'))).toBeLessThan(0)
  })
  it('[F5] then the lower hash', () => {
    expect(compareBranches('ann', branch('ben', 'move', 'a'), branch('ben', 'move', 'b'))).toBeLessThan(0)
    expect(compareBranches('ann', branch('ben', 'move', 'b'), branch('ben', 'move', 'a'))).toBeGreaterThan(0)
  })
})
