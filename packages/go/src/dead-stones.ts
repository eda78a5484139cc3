import { chainAt, chainsOf, type Board, type Chain } from './board.ts'
import { GoError, type Result } from './codes.ts'
import { BLACK, EMPTY } from './color.ts'
import { estimateOwnership } from './ownership.ts'
import type { GoState } from './state.ts'
import { isVertex, neighboursOf } from './vertex.ts'

/** How surely the opponent must own the points under stones for a first guess to call them dead (1 is certain). */
const SURELY_DEAD = 0.4

/**
 * A first guess at the stones that are dead when both players have passed, in ascending order. It is a start for people to
 * correct: it plays the position out at random some hundred times, with dice seeded by the position, so every peer guesses
 * the same. Stones in seki are left alone, since the dice do not agree about them.
 */
export function guessDeadStones(state: GoState): number[] {
  const { board, setup } = state
  const ownership = estimateOwnership(board, setup.size)
  const dead: number[] = []
  for (const group of connectedChains(board, setup.size)) {
    const stones = group.flatMap(chain => chain.stones)
    if (standingOf(board, stones, ownership) < -SURELY_DEAD) dead.push(...stones)
  }
  return dead.sort((a, b) => a - b)
}

/** How surely the owner of these stones owns the points under them: 1 is certain, -1 means that the opponent does. */
function standingOf(board: Board, stones: readonly number[], ownership: Readonly<Float32Array>): number {
  let sum = 0
  for (const stone of stones) sum += (board[stone] === BLACK ? 1 : -1) * (ownership[stone] ?? 0)
  return sum / stones.length
}

/** Chains, together with those of the same colour that share two liberties with them: cut one, the other connects. */
function connectedChains(board: Board, size: number): Chain[][] {
  const chains = chainsOf(board, size)
  const groups: Chain[][] = []
  const seen = new Set<Chain>()
  for (const start of chains) {
    if (seen.has(start)) continue
    seen.add(start)
    const group = [start]
    for (const chain of group) {
      const liberties = new Set(chain.liberties)
      for (const other of chains) {
        if (other.stone !== chain.stone || seen.has(other)) continue
        if (other.liberties.filter(liberty => liberties.has(liberty)).length < 2) continue
        seen.add(other)
        group.push(other)
      }
    }
    groups.push(group)
  }
  return groups
}

/**
 * Marks the stones at a vertex as dead, or as living again, together with the others that share their fate.
 *
 * Dead: all stones of that colour that are reached over stones of the colour, empty points and dead stones of the opponent, as
 * far as {@link guessDeadStones} finds the same about them; dead stones of the opponent that are met live again, since two sides cannot be
 * dead in one place. Living: all dead stones of the colour that are reached over dead stones of it and empty points.
 *
 * @returns the new list in ascending order; the same stones when there is no stone at the vertex
 */
export function toggleDead(state: GoState, deadStones: Iterable<number>, vertex: number): number[] {
  const { board, setup } = state
  const { size } = setup
  if (!isVertex(vertex, size)) throw new GoError('go/bad-argument', `There are ${size} lines.`)
  const dead = new Set(deadStones)
  const stone = board[vertex]
  if (stone !== EMPTY) {
    const revives = dead.has(vertex)
    const ownership = estimateOwnership(board, size)
    const side = stone === BLACK ? 1 : -1
    const isHeld = (point: number): boolean => side * (ownership[point] ?? 0) > 0
    const chain = chainAt(board, size, vertex)
    const wasHeld = standingOf(board, chain?.stones ?? [vertex], ownership) > 0
    const region = flood(size, chain?.stones ?? [vertex], point => {
      const content = board[point]
      if (revives) return content === EMPTY || (content === stone && dead.has(point))
      if (content !== EMPTY && content !== stone) return dead.has(point)
      return isHeld(point) === wasHeld
    })
    for (const point of region) {
      // Ownership differs within a chain, fate does not: always whole chains.
      for (const member of chainAt(board, size, point)?.stones ?? []) {
        if (revives || board[member] !== stone) dead.delete(member)
        else dead.add(member)
      }
    }
  }
  return [...dead].sort((a, b) => a - b)
}

/** All points that are reached from some over neighbours that pass a test. */
function flood(size: number, from: readonly number[], mayEnter: (point: number) => boolean): Set<number> {
  const reached = new Set(from)
  for (const point of reached) {
    for (const neighbour of neighboursOf(point, size))
      if (!reached.has(neighbour) && mayEnter(neighbour)) reached.add(neighbour)
  }
  return reached
}

/**
 * Reads a list of dead stones that came from elsewhere. There is one way to write each list: vertices of stones in
 * ascending order, every chain as a whole. Refusals: `go/bad-dead-stones`, `go/not-a-stone`.
 */
export function parseDeadStones(state: GoState, value: unknown): Result<number[]> {
  const { board, setup } = state
  if (!Array.isArray(value) || value.length > board.length) return { ok: false, code: 'go/bad-dead-stones' }
  const dead = new Set<number>()
  let last = -1
  for (const vertex of value as unknown[]) {
    if (!isVertex(vertex, setup.size) || Object.is(vertex, -0) || vertex <= last)
      return { ok: false, code: 'go/bad-dead-stones' }
    if (board[vertex] === EMPTY) return { ok: false, code: 'go/not-a-stone' }
    dead.add(vertex)
    last = vertex
  }
  for (const vertex of dead) {
    const chain = chainAt(board, setup.size, vertex)
    if (chain?.stones.some(stone => !dead.has(stone))) return { ok: false, code: 'go/bad-dead-stones' }
  }
  return { ok: true, value: [...dead] }
}
