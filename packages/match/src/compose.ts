import {
  type Code,
  type MatchRecord,
  type RecordContent,
  type RecordHash,
  type Result,
  accept,
  createRecord,
  fromBase64url,
  matchBytes,
  readSecretOf,
  refuse,
  sealRematch,
  signInvitation,
} from '@tsugi/protocol'

import { undoTarget } from './apply-undo.ts'
import { applyRecord } from './apply.ts'
import { clockAfterMove, toClockAfter } from './clock.ts'
import { type Intent } from './intent.ts'
import { type MatchState } from './match-state.ts'
import { type Seat } from './rules.ts'
import { type Game, type Standing } from './standing.ts'
import { turnBegan } from './times.ts'

/** What a record that carries out an intent says, at the head of the chain. */
export function contentOf(state: MatchState, intent: Intent, now: number): Result<RecordContent, Code> {
  const { game, standing, mySeat: seat } = state
  if (game === null || standing === null) return refuse('match/loading')
  if (intent.type === 'sit') return sitContent(state, game, standing, intent.seat, intent.name)
  if (seat === null) return refuse('record/not-seated')
  switch (intent.type) {
    case 'move':
      return accept({ kind: 'move', body: { move: intent.move, ...clockPart(state, seat, now) } })
    case 'pass':
      return accept({ kind: 'pass', body: clockPart(state, seat, now) })
    case 'undo-ask': {
      const to = undoTarget(standing, seat)
      return to === null ? refuse('undo/nothing') : accept({ kind: 'undo-ask', body: { to } })
    }
    case 'propose':
      return accept({ kind: 'propose', body: { proposal: intent.proposal } })
    case 'accept':
      return standing.proposal === null
        ? refuse(standing.phase === 'settling' ? 'settle/no-proposal' : 'match/not-settling')
        : accept({ kind: 'accept', body: { hash: standing.proposal.hash } })
    case 'claim-time':
      return accept({ kind: 'claim-time', body: {} })
    case 'rematch':
      return rematchContent(state, intent.match, intent.secret)
    case 'resign':
    case 'undo-grant':
    case 'undo-refuse':
    case 'resume':
      return accept({ kind: intent.type, body: {} })
  }
}

function sitContent(
  state: MatchState,
  game: Game,
  standing: Standing,
  wanted: Seat | undefined,
  name: string,
): Result<RecordContent, Code> {
  if (state.secret === null || state.seatKey === null) return refuse('seat/not-invited')
  const seat = wanted ?? standing.seats.indexOf(null)
  if (seat < 0) return refuse('seat/taken')
  const invitation = signInvitation(state.secret, game.genesis, state.seatKey.publicKey, seat)
  return accept({ kind: 'sit', body: { seat, name, invitation } })
}

function rematchContent(state: MatchState, match: string, next: Uint8Array): Result<RecordContent, Code> {
  const id = fromBase64url(match)
  if (state.secret === null || id === null || id.length !== 20) return refuse('invite/malformed')
  return accept({
    kind: 'rematch',
    body: { match: id, players: sealRematch(state.secret, next), watchers: readSecretOf(next) },
  })
}

/** The clock that a move made now leaves, as its record holds it; empty without a clock. [K4] */
export function clockPart(
  state: MatchState,
  seat: Seat,
  now: number,
  spent?: number,
): { readonly clock?: [number, number, number, number] } {
  const head = state.tree.head()
  const old = head?.standing.clocks[seat]
  if (state.game === null || head === null || old === undefined) return {}
  const setting = state.game.terms.clock
  if (setting.type === 'none') return {}
  const spentMs = old.started ? (spent ?? Math.max(0, Math.floor(now - (turnBegan(head)?.startedAt ?? now)))) : 0
  const clock = clockAfterMove(setting, old, spentMs)
  // Out of time: the record says so with the clock as it was, and is refused like any other such move.
  return { clock: toClockAfter(spentMs, clock ?? old) }
}

const nowhere = { hash: '' as RecordHash, bytes: new Uint8Array(), signature: new Uint8Array() }

/** Judges content at the head without signing it. */
export function probe(state: MatchState, content: RecordContent, now: number): Result<Standing, Code> {
  const { game, standing, seatKey } = state
  if (game === null || standing === null) return refuse('match/loading')
  if (seatKey === null) return refuse('record/not-seated')
  return applyRecord(game, standing, {
    ...placeOf(state, game, standing, now),
    ...content,
    ...nowhere,
    author: seatKey.hex,
  })
}

/** Judges, signs and adds a record at the head. */
export function append(state: MatchState, content: RecordContent, now: number): Result<MatchRecord, Code> {
  const judged = probe(state, content, now)
  if (!judged.ok) return judged
  const { game, standing, seatKey } = state
  if (game === null || standing === null || seatKey === null) return refuse('match/loading')
  let record: MatchRecord
  try {
    record = createRecord(placeOf(state, game, standing, now), content, seatKey.secretKey)
  } catch (cause) {
    // Too long, or a value that DAG-CBOR cannot hold: nothing has been signed or counted.
    return refuse(cause instanceof RangeError ? 'record/too-large' : 'record/malformed')
  }
  state.ownCounter = record.counter
  state.lastRecordAt = Math.max(state.lastRecordAt ?? 0, now)
  state.tree.add(record, { ...judged.value, ...withHash(judged.value, record.hash) }, { startedAt: now, lateByMs: 0 })
  return accept(record)
}

/** A standing that was judged before its record was signed learns the record's hash wherever it names it. */
function withHash(standing: Standing, hash: RecordHash): Partial<Standing> {
  const { ply, undo } = standing
  return {
    hash,
    ply: ply?.hash === nowhere.hash ? { ...ply, hash } : ply,
    undo: undo?.ask === nowhere.hash ? { ...undo, ask: hash } : undo,
  }
}

function placeOf(state: MatchState, game: Game, standing: Standing, now: number) {
  const seat = state.mySeat
  const last = seat === null ? undefined : standing.seats[seat]?.at
  return {
    match: matchBytes(game.genesis),
    parent: standing.hash,
    height: standing.height + 1,
    counter: state.ownCounter + 1,
    at: Math.max(Math.floor(now), last ?? 0),
  }
}
