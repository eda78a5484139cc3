import { type RecordContent } from '@tsugi/protocol'

import { claimOutcome } from './apply-clock.ts'
import { undoTarget } from './apply-undo.ts'
import { mayClaim } from './autopilot.ts'
import { readClock } from './clock.ts'
import { probe } from './compose.ts'
import { type IntentType } from './intent.ts'
import { type MatchState } from './match-state.ts'
import { type Seat } from './rules.ts'
import { type Standing } from './standing.ts'
import { turnBegan } from './times.ts'

/** What this side may do now. A move may still be refused by the rules, and a pass or a proposal too. */
export function allowedIntents(state: MatchState, now: number): readonly IntentType[] {
  const { standing, mySeat, game } = state
  if (standing === null || game === null) return []
  const isArchived = state.isArchived(now)
  if (mySeat === null) {
    const maySit = standing.phase === 'waiting' && state.secret !== null && state.seatKey !== null && !isArchived
    return maySit ? ['sit'] : []
  }
  if (standing.phase === 'over') {
    return state.secret !== null && !standing.rematches.some(offer => offer.by === mySeat) ? ['rematch'] : []
  }
  if (isArchived || standing.phase === 'waiting') return []
  const allowed: IntentType[] = ['resign']
  const add = (intent: IntentType, content: RecordContent) => {
    if (probe(state, content, now).ok) allowed.push(intent)
  }
  if (standing.phase === 'settling') {
    allowed.push('propose')
    if (standing.proposal !== null) add('accept', { kind: 'accept', body: { hash: standing.proposal.hash } })
    add('resume', { kind: 'resume', body: {} })
    return allowed
  }
  if (standing.turn === mySeat && !isOutOfTime(state, standing, mySeat, now)) allowed.push('move', 'pass')
  const to = undoTarget(standing, mySeat)
  if (to !== null) add('undo-ask', { kind: 'undo-ask', body: { to } })
  add('undo-grant', { kind: 'undo-grant', body: {} })
  add('undo-refuse', { kind: 'undo-refuse', body: {} })
  if (mayClaim(state, now) && claimOutcome(game, standing, mySeat, Math.floor(now)).ok) allowed.push('claim-time')
  return allowed
}

/** How long the clock of whoever is on turn has been running. */
export function runningMs(state: MatchState, now: number): number {
  const head = state.tree.head()
  return head === null ? 0 : Math.max(0, now - (turnBegan(head)?.startedAt ?? now))
}

function isOutOfTime(state: MatchState, standing: Standing, seat: Seat, now: number): boolean {
  const clock = standing.clocks[seat]
  if (state.game === null || clock === undefined) return false
  return readClock(state.game.terms.clock, clock, runningMs(state, now)).isOutOfTime
}
