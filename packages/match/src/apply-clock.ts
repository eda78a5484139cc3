import {
  type Code,
  type MatchRecord,
  type Result,
  accept,
  decodeRecord,
  isKind,
  isOfMatch,
  isRecordSigned,
  refuse,
} from '@tsugi/protocol'

import { type Change, over } from './change.ts'
import { remainingMs } from './clock.ts'
import { type Outcome, type Seat } from './rules.ts'
import { type Game, type Standing } from './standing.ts'

/** Whether another player's clock runs, seen from a seat. */
export function isOthersClockRunning(game: Game, standing: Standing, seat: Seat): boolean {
  const { turn } = standing
  return (
    game.terms.clock.type !== 'none' &&
    standing.phase === 'playing' &&
    turn !== null &&
    turn !== seat &&
    standing.clocks[turn]?.started === true
  )
}

/**
 * Claims the game because the other's time has run out. Both times compared are the claimant's own: that of the claim, and that of
 * the claimant's last record since the other's turn began. [K6]
 *
 * A move made at the same time comes before the claim; the claimant then claims again on top of it, with the earlier claim as
 * evidence. [K7]
 */
export function applyClaim(
  game: Game,
  before: Standing,
  seat: Seat,
  record: MatchRecord,
  earlier: Uint8Array | undefined,
): Result<Change, Code> {
  if (earlier !== undefined) return applyLateClaim(game, before, seat, record, earlier)
  const outcome = claimOutcome(game, before, seat, record.at)
  return outcome.ok ? accept(over(outcome.value)) : outcome
}

/** What a claim made at a standing would give. [K6] */
export function claimOutcome(game: Game, standing: Standing, seat: Seat, at: number): Result<Outcome, Code> {
  if (!isOthersClockRunning(game, standing, seat) || standing.turn === null) return refuse('clock/not-running')
  const clock = standing.clocks[standing.turn]
  const anchor = standing.anchors[seat]
  if (clock === undefined || anchor === undefined || anchor === null) return refuse('clock/no-anchor')
  if (at - anchor < remainingMs(game.terms.clock, clock) + game.terms.lagMs) return refuse('clock/too-early')
  return accept(game.rules.timeout(standing.state, standing.turn))
}

function applyLateClaim(
  game: Game,
  before: Standing,
  seat: Seat,
  record: MatchRecord,
  bytes: Uint8Array,
): Result<Change, Code> {
  const earlier = decodeRecord(bytes)
  const since = before.before
  if (!earlier.ok || since === null || before.author === seat) return refuse('clock/not-running')
  if (before.kind !== 'move' && before.kind !== 'pass') return refuse('clock/not-running')
  const claim = earlier.value
  const holder = since.seats[seat]
  const isOwn = claim.author === record.author && claim.counter < record.counter && claim.at <= record.at
  const isThere = claim.parent === since.hash && claim.height === before.height && isOfMatch(claim, game.genesis)
  const isNext = holder !== null && holder !== undefined && claim.counter > holder.counter && claim.at >= holder.at
  if (!isKind(claim, 'claim-time') || claim.body.earlier !== undefined || !isOwn || !isThere || !isNext) {
    return refuse('clock/not-running')
  }
  const outcome = claimOutcome(game, since, seat, claim.at)
  if (!outcome.ok) return outcome
  return isRecordSigned(claim) ? accept(over(outcome.value)) : refuse('record/forged')
}

/** Notes that the other's clock runs: the anchor of a later claim, where the other's turn began by a record of their own. [K5] */
export function applyClockNote(game: Game, before: Standing, seat: Seat): Result<Change, Code> {
  if (!isOthersClockRunning(game, before, seat)) return refuse('clock/not-running')
  return before.anchors[seat] === null ? accept({}) : refuse('clock/not-running', 'noted already')
}
