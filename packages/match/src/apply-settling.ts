import { type Code, type Result, accept, bytesEqual, encodeCanonical, refuse, sha256 } from '@tsugi/protocol'

import { type Change, over } from './change.ts'
import { type Outcome, type Seat } from './rules.ts'
import { type Game, type Ply, type Standing } from './standing.ts'

/** What an accept record holds: a hash over the position, the proposal and the result in words. [V8] */
function acceptHash(digest: Uint8Array, proposal: unknown, outcome: Outcome): Uint8Array {
  return sha256(
    encodeCanonical({ use: 'tsugi/1 accept', digest, proposal, winner: outcome.winner, text: outcome.text }),
  )
}

/** Proposes a result; what was accepted before no longer counts. [V7] */
export function applyPropose(game: Game, before: Standing, seat: Seat, wire: unknown): Result<Change, Code> {
  if (before.phase !== 'settling') return refuse('match/not-settling')
  if (before.proposalCount >= game.terms.maxProposals) return refuse('settle/too-many')
  const { rules } = game
  const parsed = rules.parseProposal(before.state, wire)
  if (!parsed.ok) return refuse('settle/malformed', parsed.code)
  const outcome = rules.settle(before.state, parsed.value)
  const hash = acceptHash(rules.digest(before.state), wire, outcome)
  return accept({
    proposal: { by: seat, wire, value: parsed.value, outcome, hash, accepted: [] },
    proposalCount: before.proposalCount + 1,
  })
}

/** Accepts the proposal that stands; with the last seat's acceptance the game is over. [V8] */
export function applyAccept(before: Standing, seat: Seat, hash: Uint8Array): Result<Change, Code> {
  if (before.phase !== 'settling') return refuse('match/not-settling')
  const { proposal } = before
  if (proposal === null) return refuse('settle/no-proposal')
  if (!bytesEqual(hash, proposal.hash)) return refuse('settle/other-proposal')
  if (proposal.accepted.includes(seat)) return refuse('settle/accepted-already')
  const agreed = { ...proposal, accepted: [...proposal.accepted, seat] }
  if (agreed.accepted.length < before.seats.length) return accept({ proposal: agreed })
  return accept({ proposal: agreed, ...over(proposal.outcome) })
}

/** Back to playing. The last ply keeps the resumed state, so that an undo never leads back into the talk. [V9] */
export function applyResume(game: Game, before: Standing): Result<Change, Code> {
  if (before.phase !== 'settling') return refuse('match/not-settling')
  const state = game.rules.resume(before.state)
  const ply: Ply | null = before.ply === null ? null : { ...before.ply, state }
  return accept({ phase: 'playing', state, ply, proposal: null, turn: game.rules.turn(state) })
}
