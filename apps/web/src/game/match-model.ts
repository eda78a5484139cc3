import { type GoSetup, type GoState, goRules, guessDeadStones, scoreGame } from '@tsugi/go'
import type { MatchView } from '@tsugi/match'

import { clockSentence } from './clock-face.ts'
import type { CountModel, GameAct, GameModel, GoSeat, LineModel, MoveModel, SeatModel } from './game-model.ts'
import { PositionLine } from './position-line.ts'
import { SeatWatch } from './seat-watch.ts'

/** The view of a match of Go. */
export type GoMatchView = MatchView<GoState, readonly number[]>

/** What the model needs beside the match itself. */
export interface Surroundings {
  readonly line: LineModel
  readonly playLink: string | null
  readonly watchLink: string
  /** What the person at this page is called. */
  readonly myName: string
  /** The relay took the game into its archive. */
  readonly isPublished: boolean
  readonly now: number
}

/** Builds {@link GameModel}s from views of one match, and keeps what need not be built again. */
export class MatchModels {
  readonly #watch = new SeatWatch()
  #setup: GoSetup | null = null
  #positions: PositionLine | null = null
  #guess: { readonly board: Uint8Array; readonly dead: readonly number[] } | null = null

  of(view: GoMatchView, surroundings: Surroundings): GameModel {
    const { now, myName, line, playLink, watchLink, isPublished } = surroundings
    const away = this.#watch.read(view.seatPresence, now)
    const setup = this.#setupOf(view)
    const moves = view.moves.map((move): MoveModel => ({
      seat: seatOf(move.seat),
      vertex: typeof move.move === 'number' ? move.move : null,
      lateByMs: move.lateByMs,
    }))
    const positions = this.#positions ? withPresent(this.#positions.through(moves), view) : []
    const mySeat = view.mySeat === null ? null : seatOf(view.mySeat)
    const offer = view.rematches.at(0)
    return {
      phase: view.phase,
      mySeat,
      setup,
      clockSentence: view.clocks ? clockSentence(view.clocks.setting) : '',
      seats: [seatModel(view, 0, myName, away[0] ?? null), seatModel(view, 1, myName, away[1] ?? null)],
      turn: view.turn === null ? null : seatOf(view.turn),
      moves,
      positions,
      undoAskedBy: view.undo === null ? null : seatOf(view.undo.by),
      count: this.#countOf(view),
      result: view.outcome?.text ?? null,
      rematchOfferedBy: offer ? seatOf(offer.by) : null,
      proofs: view.proofs.map(proof => proofSentence(view, proof.seat)),
      can: actsOf(view),
      watchers: view.watchers,
      refused: refusedOf(view),
      isPublished,
      line,
      playLink,
      watchLink,
    }
  }

  /** What stands to be accepted: the players' proposal, or a first guess. */
  deadStones(view: GoMatchView): readonly number[] {
    if (view.settling?.proposal) return view.settling.proposal
    const { state } = view
    if (!state) return []
    if (this.#guess?.board !== state.board) this.#guess = { board: state.board, dead: guessDeadStones(state) }
    return this.#guess.dead
  }

  #setupOf(view: GoMatchView): GoSetup | null {
    if (this.#setup || view.phase === 'loading') return this.#setup
    const parsed = goRules.parseSetup(view.setup)
    if (!parsed.ok) return null
    this.#setup = parsed.value
    this.#positions = new PositionLine(parsed.value)
    return this.#setup
  }

  #countOf(view: GoMatchView): CountModel | null {
    const isCounted = view.phase === 'settling' || (view.phase === 'over' && view.outcome?.by === 'score')
    if (!isCounted || !view.state) return null
    const dead = this.deadStones(view)
    const score = scoreGame(view.state, dead)
    const accepted = view.settling?.accepted ?? []
    return {
      dead: new Set(dead),
      owners: score.owner,
      result: score.text,
      sides: [score.details.black, score.details.white],
      acceptedBy: [accepted.includes(0), accepted.includes(1)],
    }
  }
}

/**
 * After both passed, the replay ends with a game that has stopped; when the players went on without having moved yet, only the match knows
 * that it is played again.
 */
function withPresent(positions: readonly GoState[], view: GoMatchView): readonly GoState[] {
  const isResumed = view.phase === 'playing' && positions.at(-1)?.phase === 'stopped'
  return isResumed && view.state ? [...positions.slice(0, -1), view.state] : positions
}

/** A seat of Go: the match knows seats as plain numbers. */
function seatOf(seat: number): GoSeat {
  return seat === 1 ? 1 : 0
}

function seatModel(view: GoMatchView, seat: GoSeat, myName: string, awaySince: number | null): SeatModel {
  const player = view.seats[seat]
  // Who sat down without a name may have given one since; it travels with their presence.
  const since = player?.isMe ? myName : (view.presence.find(peer => peer.seat === seat && peer.name !== '')?.name ?? '')
  const isHere = view.seatPresence[seat]?.status === 'here'
  return {
    name: player && player.key !== null ? player.name || since : null,
    isMe: player?.isMe ?? false,
    presence: isHere ? 'here' : awaySince === null ? 'unknown' : 'away',
    awaySince,
    captures: view.state?.captures[seat === 0 ? 'black' : 'white'] ?? 0,
    hasClock: view.clocks !== null && view.clocks.setting.type !== 'none',
  }
}

function actsOf(view: GoMatchView): ReadonlySet<GameAct> {
  const acts = new Set<GameAct>()
  for (const allowed of view.allowed) {
    switch (allowed) {
      case 'move':
        acts.add('play')
        break
      case 'undo-ask':
        acts.add('ask-undo')
        break
      case 'undo-grant':
      case 'undo-refuse':
        acts.add('answer-undo')
        break
      case 'propose':
        acts.add('propose')
        // With nothing proposed yet, accepting means proposing the first guess and accepting it.
        if (view.settling && view.settling.proposal === null) acts.add('accept')
        break
      case 'rematch':
        acts.add('offer-rematch')
        break
      case 'pass':
      case 'resign':
      case 'accept':
      case 'resume':
      case 'claim-time':
        acts.add(allowed)
        break
      case 'sit':
        break
    }
  }
  if (view.rematches.some(offer => offer.secret !== null)) acts.add('join-rematch')
  return acts
}

function proofSentence(view: GoMatchView, seat: number | null): string {
  const player = seat === null ? undefined : view.seats[seat]
  const name = player?.name ? player.name : seat === 0 ? 'Black' : seat === 1 ? 'White' : 'Somebody'
  return `${name} signed two different records where only one can be. That is proof of cheating. The game goes on by a fixed rule that gives everyone the same position.`
}

/** What was refused because it broke a rule; asking too often breaks none. */
function refusedOf(view: GoMatchView): number {
  return Object.entries(view.refusals)
    .filter(([code]) => !code.startsWith('sync/'))
    .reduce((sum, [, count]) => sum + count, 0)
}
