import { type RecordContent } from '@tsugi/protocol'

import { claimOutcome, isOthersClockRunning } from './apply-clock.ts'
import { append, probe } from './compose.ts'
import { type MatchState } from './match-state.ts'
import { type TreeNode } from './record-tree.ts'
import { reissueDisplaced } from './reissue.ts'

/** After coming back, others get so long to tell what they did meanwhile, before time is claimed. [K6] */
const claimGraceMs = 15_000
/** One act can call for another, but not for more than this. */
const maxActs = 8

/**
 * What this side adds without being asked: displaced records again, the first proposal about the result after one's own last pass, the
 * note that the other's clock runs, the claim when it has run out.
 */
export function actByItself(state: MatchState, now: number, claimsTime: boolean): readonly TreeNode[] {
  if (state.isArchived(now)) return []
  const added: TreeNode[] = [...reissueDisplaced(state, now)]
  for (let acts = 0; acts < maxActs; acts++) {
    const content = nextAct(state, now, claimsTime)
    const record = content === null ? null : append(state, content, now)
    if (record?.ok !== true) return added
    const node = state.tree.get(record.value.hash)
    if (node !== undefined) added.push(node)
  }
  return added
}

/** Whether this side may judge that the other's time has run out: it was reachable long enough to have heard of a move. */
export function mayClaim(state: MatchState, now: number): boolean {
  return state.connectedSince !== null && now - state.connectedSince >= claimGraceMs
}

function nextAct(state: MatchState, now: number, claimsTime: boolean): RecordContent | null {
  const { game, standing, mySeat } = state
  if (game === null || standing === null || mySeat === null) return null
  if (standing.phase === 'settling' && standing.proposal === null && standing.ply?.seat === mySeat) {
    const propose: RecordContent = { kind: 'propose', body: { proposal: game.rules.firstProposal(standing.state) } }
    return probe(state, propose, now).ok ? propose : null
  }
  if (!isOthersClockRunning(game, standing, mySeat)) return null
  if (standing.anchors[mySeat] === null) return { kind: 'clock-note', body: {} }
  const isDue = claimsTime && mayClaim(state, now) && claimOutcome(game, standing, mySeat, Math.floor(now)).ok
  return isDue ? { kind: 'claim-time', body: {} } : null
}
