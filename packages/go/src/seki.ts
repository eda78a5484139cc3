import { chainsOf, regionsOf, type Board, type Chain } from './board.ts'
import { neighboursOf } from './vertex.ts'

/** A region that one colour surrounds, and how many eyes it is good for. */
interface EyeSpace {
  readonly points: readonly number[]
  readonly chains: ReadonlySet<number>
  readonly eyes: 1 | 2
}

/**
 * Surrounded points that do not count by territory because their owner lives only in seki (Japanese rules, article 8: "eye
 * points" of groups that have neutral points).
 *
 * What is assumed: the dead stones are off the board, and play ended because neither side could gain. A group is chains of one
 * colour joined by the regions that only they surround. It is in seki when a neutral point (a region that both colours touch)
 * is next to it and its regions do not give it two eyes: a region of one or two points, or a square of four, is one eye, a larger one
 * is two, and a region counts for nothing where a chain around it hangs on it alone (a false eye). A small living group that
 * could still connect out through neutral points looks the same; players who fill these points before they stop get the
 * right count.
 *
 * @param board the board without dead stones
 * @returns vertices in ascending order
 */
export function findSeki(board: Board, size: number): number[] {
  const chains = chainsOf(board, size)
  const chainIndex = new Int16Array(board.length).fill(-1)
  chains.forEach((chain, index) => {
    for (const stone of chain.stones) chainIndex[stone] = index
  })
  const touchesNeutral = new Set<number>()
  const spaces: EyeSpace[] = []
  for (const region of regionsOf(board, size)) {
    const around = new Set<number>()
    for (const point of region.points) {
      for (const neighbour of neighboursOf(point, size)) {
        const index = chainIndex[neighbour] ?? -1
        if (index >= 0) around.add(index)
      }
    }
    if (region.touchesBlack && region.touchesWhite) for (const index of around) touchesNeutral.add(index)
    else if (around.size > 0) spaces.push({ points: region.points, chains: around, eyes: eyesIn(region.points, size) })
  }

  const found: number[] = []
  for (const group of groupsOf(chains, spaces)) {
    const isByNeutral = group.chains.some(index => touchesNeutral.has(index))
    if (isByNeutral && !hasTwoEyes(group.spaces)) for (const space of group.spaces) found.push(...space.points)
  }
  return found.sort((a, b) => a - b)
}

/** How many eyes a surrounded region is good for: where nobody plays any more, the owner of a larger one needs no move. */
function eyesIn(points: readonly number[], size: number): 1 | 2 {
  if (points.length <= 2) return 1
  if (points.length > 4) return 2
  const columns = new Set(points.map(point => point % size))
  const rows = new Set(points.map(point => Math.floor(point / size)))
  return points.length === 4 && columns.size === 2 && rows.size === 2 ? 1 : 2
}

/** Chains and regions of one colour that hang together. */
function groupsOf(chains: readonly Chain[], spaces: readonly EyeSpace[]): { chains: number[]; spaces: EyeSpace[] }[] {
  const spacesOfChain = new Map<number, EyeSpace[]>()
  for (const space of spaces) {
    for (const index of space.chains) spacesOfChain.set(index, [...(spacesOfChain.get(index) ?? []), space])
  }
  const seen = new Set<number>()
  const groups: { chains: number[]; spaces: EyeSpace[] }[] = []
  chains.forEach((_, start) => {
    if (seen.has(start)) return
    seen.add(start)
    const members = [start]
    const around = new Set<EyeSpace>()
    for (const index of members) {
      for (const space of spacesOfChain.get(index) ?? []) {
        around.add(space)
        for (const other of space.chains) {
          if (seen.has(other)) continue
          seen.add(other)
          members.push(other)
        }
      }
    }
    groups.push({ chains: members, spaces: [...around] })
  })
  return groups
}

/**
 * Whether some chains of a group have two eyes together: chains with less than two are set aside, then the regions
 * that these help to surround, until nothing changes (after Benson, "Life in the Game of Go", 1976).
 */
function hasTwoEyes(spaces: readonly EyeSpace[]): boolean {
  let left = [...spaces]
  for (;;) {
    const eyes = new Map<number, number>()
    for (const space of left) for (const index of space.chains) eyes.set(index, (eyes.get(index) ?? 0) + space.eyes)
    const kept = left.filter(space => [...space.chains].every(index => (eyes.get(index) ?? 0) >= 2))
    if (kept.length === left.length) return kept.length > 0
    left = kept
  }
}
