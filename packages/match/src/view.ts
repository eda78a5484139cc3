import { openRematch, toBase64url, type MatchId } from '@tsugi/protocol'

import { allowedIntents, runningMs } from './allowed.ts'
import { plyAt } from './apply-undo.ts'
import { readClock } from './clock.ts'
import { type MatchState } from './match-state.ts'
import { findProofs } from './proofs.ts'
import { type Seat } from './rules.ts'
import { type Ply, type Standing, seatOfKey } from './standing.ts'
import { type ClocksView, type MatchView, type MoveView, type RematchView, type SeatPresence } from './view-types.ts'

/** Everything that a page shows, as plain data. */
export function viewOf(state: MatchState, now: number): MatchView {
  const { tree, game, standing, mySeat } = state
  const head = tree.head()
  const terms = game?.terms
  const peers = [...state.peers].map(([peer, { key, name, status, since }]) => ({
    peer,
    seat: key === null || standing === null ? null : seatOfKey(standing, key),
    name,
    status,
    since,
  }))
  return {
    match: state.match,
    phase: standing?.phase ?? 'loading',
    archived: state.isArchived(now),
    app: terms?.app ?? '',
    rules: terms?.rules ?? '',
    setup: terms?.setup ?? null,
    seats: (standing?.seats ?? []).map((holder, seat) => ({
      seat,
      key: holder?.key ?? null,
      name: holder?.name ?? '',
      isMe: seat === mySeat,
    })),
    mySeat,
    isInvited: state.secret !== null,
    state: standing?.state ?? null,
    turn: standing?.turn ?? null,
    ply: standing?.ply?.index ?? 0,
    moves: standing === null ? [] : movesOf(state, standing),
    clocks: clocksOf(state, now),
    undo:
      standing?.undo === null || standing === null
        ? null
        : { by: standing.undo.by, toPly: standing.undo.to, granted: standing.undo.granted },
    settling: settlingOf(standing),
    outcome: standing?.outcome ?? null,
    rematches: standing === null ? [] : rematchesOf(state, standing),
    proofs: findProofs(state),
    refusals: state.refusals.byCode(),
    refusalsBySender: state.refusals.bySender(),
    allowed: allowedIntents(state, now),
    presence: peers,
    seatPresence: (standing?.seats ?? []).map((_, seat) => presenceOf(seat, peers)),
    watchers: peers.filter(peer => peer.seat === null).length,
    head: head === null ? null : { hash: head.record.hash, height: head.record.height, kind: head.record.kind },
    records: { chain: tree.chain().length, beside: tree.size - tree.chain().length, waiting: state.waiting.size },
    lastRecordAt: state.lastRecordAt,
  }
}

/** The rules' state after a ply; 0 is before the first. Null when there is no such ply. */
export function stateAtPly(state: MatchState, ply: number): unknown {
  const { standing } = state
  if (standing === null) return null
  if (ply === 0) return standing.startState
  const found = plyAt(standing, ply)
  return found?.index === ply ? found.state : null
}

function movesOf(state: MatchState, standing: Standing): readonly MoveView[] {
  const moves: MoveView[] = []
  for (let ply: Ply | null = standing.ply; ply !== null; ply = ply.before) {
    const { index, seat, kind, move, hash, at, spentMs } = ply
    moves.push({ ply: index, seat, kind, move, hash, at, spentMs, lateByMs: state.tree.get(hash)?.lateByMs ?? 0 })
  }
  return moves.toReversed()
}

function clocksOf(state: MatchState, now: number): ClocksView | null {
  const { game, standing } = state
  if (game === null || standing === null) return null
  const setting = game.terms.clock
  const running =
    setting.type !== 'none' && standing.turn !== null && standing.clocks[standing.turn]?.started === true
      ? standing.turn
      : null
  const seats = standing.clocks.map((clock, seat) =>
    readClock(setting, clock, seat === running ? runningMs(state, now) : 0),
  )
  return { setting, lagMs: game.terms.lagMs, seats, running }
}

function settlingOf(standing: Standing | null): MatchView['settling'] {
  if (standing === null) return null
  const { proposal, phase, outcome } = standing
  // What was agreed on stays to be seen.
  const isAgreed = phase === 'over' && outcome?.by === 'score' && proposal !== null
  if (phase !== 'settling' && !isAgreed) return null
  return {
    proposal: proposal?.value ?? null,
    proposalWire: proposal?.wire ?? null,
    by: proposal?.by ?? null,
    accepted: proposal?.accepted ?? [],
    outcome: proposal?.outcome ?? null,
  }
}

function rematchesOf(state: MatchState, standing: Standing): readonly RematchView[] {
  return standing.rematches.map(({ by, body }) => {
    const opened = state.secret === null ? null : openRematch(state.secret, body.players)
    return {
      by,
      match: toBase64url(body.match) as MatchId,
      secret: opened?.ok === true ? opened.value : null,
      readSecret: body.watchers,
    }
  })
}

function presenceOf(seat: Seat, peers: MatchView['presence']): SeatPresence {
  const own = peers.filter(peer => peer.seat === seat)
  const best = own.find(peer => peer.status === 'here') ?? own[0]
  return best === undefined ? { status: 'gone', since: null } : { status: best.status, since: best.since }
}
