import { gameToSgf, goRules, writeSgf } from '@tsugi/go'
import { createMatchMachine } from '@tsugi/match'
import { decodeRecord, matchIdOf } from '@tsugi/protocol'
import type { VerifiedGame, VerifyRefusal } from '@tsugi/relay'

const machine = createMatchMachine({ rules: goRules })
/** What is checked is in the clear: no secret is needed, and the machine wants one of this length. */
const noSecret = new Uint8Array(16)

/**
 * Checks a game of Go from its first record to its last, as every player does, and that it is over. Offers of a rematch are left out: they
 * hold what opens another game. [A4]
 */
export function checkGame(
  given: readonly Uint8Array[],
  now: number,
): VerifiedGame | { readonly ok: false; readonly code: VerifyRefusal } {
  const decoded = given.map(decodeRecord)
  const played = given.filter((_, index) => decoded[index]?.ok === false || kindOf(decoded[index]) !== 'rematch')
  const first = decoded.find(record => kindOf(record) === 'genesis')
  if (first?.ok !== true) return { ok: false, code: 'archive/invalid' }
  const match = matchIdOf(first.value.hash)
  const { state } = machine.open({ match, peer: '', readSecret: noSecret, records: played, now })
  const view = machine.view(state, now)
  const setup = goRules.parseSetup(view.setup)
  if (view.phase === 'loading' || Object.keys(view.refusals).length > 0 || view.records.waiting > 0 || !setup.ok) {
    return { ok: false, code: 'archive/invalid' }
  }
  if (view.outcome === null) return { ok: false, code: 'archive/not-over' }
  const times = decoded.flatMap(record => (record.ok ? [record.value.at] : []))
  const startedAtMs = Math.min(...times)
  const [black = '', white = ''] = view.seats.map(seat => seat.name)
  const moves = view.moves.map(({ seat, move }) => ({
    vertex: typeof move === 'number' ? move : null,
    color: seat === 0 ? ('black' as const) : ('white' as const),
  }))
  const date = dayOf(startedAtMs)
  const info = { blackName: black, whiteName: white, ...(date === null ? {} : { date }) }
  return {
    ok: true,
    match,
    app: view.app,
    rules: view.rules,
    players: view.seats.map(seat => seat.name),
    keys: view.seats.flatMap(seat => seat.key ?? []),
    result: view.outcome.text,
    moves: moves.length,
    startedAtMs,
    endedAtMs: Math.max(...times),
    records: machine.records(state),
    sgf: writeSgf([gameToSgf({ setup: setup.value, moves, result: view.outcome.text, info })]),
  }
}

function kindOf(record: ReturnType<typeof decodeRecord> | undefined): string | null {
  return record?.ok === true ? record.value.kind : null
}

/** A day as SGF writes it; null when the author's clock was nonsense. */
function dayOf(ms: number): string | null {
  const day = new Date(ms)
  return Number.isNaN(day.getTime()) || day.getFullYear() > 9_999 ? null : day.toISOString().slice(0, 10)
}
