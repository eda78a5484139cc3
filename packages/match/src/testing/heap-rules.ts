import { type Outcome, type Rules, type Seat } from '../rules.ts'

/** A heap of counters, from which players take 1 to 3 in turn. Whoever takes the last one wins. */
export interface HeapState {
  readonly heap: number
  readonly turn: Seat
  readonly taken: readonly number[]
  /** Passes in a row. When all seats have passed, the players must agree on a bonus for the last seat. */
  readonly passes: number
}

/**
 * A game small enough to hold in one's head, with everything that the port has: moves, passes, an end by the rules, and an end that
 * must be agreed. For tests of the match and as an example of the port.
 */
export function heapRules(seats = 2): Rules<number, HeapState, number, number> {
  return {
    id: 'heap',
    seats,
    parseSetup: value => (isCount(value, 1, 1_000_000) ? { ok: true, value } : { ok: false, code: 'heap/setup' }),
    start: heap => ({ heap, turn: 0, taken: Array.from({ length: seats }, () => 0), passes: 0 }),
    parseMove: (_, value) => (isCount(value, 1, 3) ? { ok: true, value } : { ok: false, code: 'heap/move' }),
    turn: state => (phaseOf(state, seats) === 'playing' ? state.turn : null),
    play(state, seat, move) {
      if (move > state.heap) return { ok: false, code: 'heap/too-many' }
      const taken = state.taken.map((count, at) => (at === seat ? count + move : count))
      return { ok: true, value: { heap: state.heap - move, turn: (seat + 1) % seats, taken, passes: 0 } }
    },
    pass: (state, seat) => ({ ok: true, value: { ...state, turn: (seat + 1) % seats, passes: state.passes + 1 } }),
    phase: state => phaseOf(state, seats),
    outcome: state =>
      state.heap > 0 ? null : { winner: (state.turn + seats - 1) % seats, text: 'last counter', by: 'rules' },
    parseProposal: (_, value) => (isCount(value, 0, 9) ? { ok: true, value } : { ok: false, code: 'heap/proposal' }),
    firstProposal: () => 0,
    settle: (state, bonus) => settle(state, bonus, seats),
    resume: state => ({ ...state, passes: 0 }),
    resignation: (_, seat) => ({ winner: seat === 0 ? 1 : 0, text: `${seat} resigns`, by: 'resignation' }),
    timeout: (_, seat) => ({ winner: seat === 0 ? 1 : 0, text: `${seat} out of time`, by: 'time' }),
    digest: state =>
      Uint8Array.of(state.heap & 255, (state.heap >> 8) & 255, state.turn, ...state.taken.map(count => count & 255)),
  }
}

function settle(state: HeapState, bonus: number, seats: number): Outcome {
  const scores = state.taken.map((count, seat) => (seat === seats - 1 ? count + bonus : count))
  const most = Math.max(...scores)
  const leaders = scores.flatMap((score, seat) => (score === most ? [seat] : []))
  const winner = leaders.length === 1 ? (leaders[0] ?? null) : null
  return { winner, text: scores.join(':'), by: 'score', scores }
}

function phaseOf(state: HeapState, seats: number): 'playing' | 'settling' | 'over' {
  if (state.heap === 0) return 'over'
  return state.passes >= seats ? 'settling' : 'playing'
}

function isCount(value: unknown, min: number, max: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
}
