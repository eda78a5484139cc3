import {
  type ClockSetting,
  type Code,
  type Limits,
  type MatchId,
  type Result,
  accept,
  createRecord,
  invitationKeyOf,
  matchIdOf,
  publicKeyOf,
  readSecretOf,
  refuse,
  resolveLimits,
} from '@tsugi/protocol'

import { actByItself, mayClaim } from './autopilot.ts'
import { append, contentOf } from './compose.ts'
import { type Effect } from './effect.ts'
import { countRefusal, letGo, takeIn } from './intake.ts'
import { type Acted, type Intent } from './intent.ts'
import { type MatchEvent } from './match-event.ts'
import { MatchState } from './match-state.ts'
import { tellChanges } from './notices.ts'
import { announcePresence, forget, hear, maxPeers, onPresence, sweepPeers } from './presence.ts'
import { type TreeNode } from './record-tree.ts'
import { type Rules, type Seat } from './rules.ts'
import { announceHead, askForRecords, byHeight, onHead, onWant, publishRecords } from './sync.ts'
import { type MatchView } from './view-types.ts'
import { stateAtPly, viewOf } from './view.ts'

/** What a machine is made for. */
export interface MatchMachineOptions<Setup, State, Move, Proposal> {
  readonly rules: Rules<Setup, State, Move, Proposal>
  readonly limits?: Partial<Limits>
  /** Whether time is claimed by itself when the other's has run out. Default true. */
  readonly claimsTime?: boolean
}

/** A new match's terms. Keys and secrets are random bytes drawn by the host. */
export interface NewMatch {
  readonly app: string
  /** The setup in the rules' wire form. */
  readonly setup: unknown
  readonly seat: Seat
  readonly name: string
  readonly clock: ClockSetting
  /** Default: the limit `gameLagMs`. */
  readonly lagMs?: number
  /** 16 random bytes. */
  readonly secret: Uint8Array
  /** The 32-byte secret key of the creator's seat, made for this match. */
  readonly seatKey: Uint8Array
  readonly now: number
}

/** How a match is opened: by whom, and with what is stored of it. */
export interface OpenMatch {
  readonly match: MatchId
  /** This peer's id, as the others see it. */
  readonly peer: string
  readonly name?: string
  /** The invite's secret for those who may play, or the read secret for those who watch. */
  readonly secret?: Uint8Array
  readonly readSecret?: Uint8Array
  /** The 32-byte secret key of this side's seat; without it this side watches. */
  readonly seatKey?: Uint8Array
  /** Stored records, in any order. */
  readonly records?: readonly Uint8Array[]
  readonly now: number
}

/** What a step leaves. `result` answers `acted`. */
export interface Step {
  readonly state: MatchState
  readonly effects: readonly Effect[]
  readonly result?: Result<Acted, Code>
}

/** A match without IO: see the package page. */
export interface MatchMachine<State, Proposal> {
  /** The genesis record of a new match. Store it, then open the match with it. */
  create(match: NewMatch): Result<{ readonly match: MatchId; readonly genesis: Uint8Array }, Code>
  open(options: OpenMatch): Step
  /** Moves on. The state handed in is used up: go on with the one that comes back. */
  step(state: MatchState, event: MatchEvent): Step
  view(state: MatchState, now: number): MatchView<State, Proposal>
  /** The bytes of all records that are held, parents first. */
  records(state: MatchState): readonly Uint8Array[]
  /** The rules' state after a ply of `view.moves`; 0 is before the first. Null when there is no such ply. */
  stateAt(state: MatchState, ply: number): State | null
}

/** Thrown when a caller hands in what no caller should. */
export class MatchError extends Error {
  override readonly name = 'MatchError'
  readonly code: 'match/no-secret' | 'match/bad-key'

  constructor(code: MatchError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** Makes a machine for one game's rules. One machine serves any number of matches. */
export function createMatchMachine<Setup, State, Move, Proposal>(
  options: MatchMachineOptions<Setup, State, Move, Proposal>,
): MatchMachine<State, Proposal> {
  const rules = options.rules as Rules
  const limits = resolveLimits(options.limits)
  const claimsTime = options.claimsTime ?? true
  return {
    create: match => createMatch(rules, limits, match),
    open(opening) {
      const state = openState(rules, limits, opening)
      takeIn(state, opening.records ?? [], 'store', opening.now, 'stored')
      state.effects.push({ type: 'changed' })
      return { state, effects: takeEffects(state) }
    },
    step(state, event) {
      const result = handle(state, event, claimsTime)
      return { state, effects: takeEffects(state), ...(result === undefined ? {} : { result }) }
    },
    view: (state, now) => viewOf(state, now) as MatchView<State, Proposal>,
    records: state => byHeight(state.tree.nodes()).map(node => node.record.bytes),
    stateAt: (state, ply) => stateAtPly(state, ply) as State | null,
  }
}

function createMatch(
  rules: Rules,
  limits: Limits,
  match: NewMatch,
): Result<{ readonly match: MatchId; readonly genesis: Uint8Array }, Code> {
  const setup = rules.parseSetup(match.setup)
  if (!setup.ok) return refuse('genesis/rules', setup.code)
  if (!Number.isInteger(match.seat) || match.seat < 0 || match.seat >= rules.seats) return refuse('seat/unknown')
  const genesis = createRecord(
    { match: null, parent: null, height: 0, counter: 1, at: Math.max(0, Math.floor(match.now)) },
    {
      kind: 'genesis',
      body: {
        app: match.app,
        rules: rules.id,
        setup: match.setup,
        seat: match.seat,
        name: match.name,
        clock: match.clock,
        lagMs: match.lagMs ?? limits.gameLagMs,
        invitation: invitationKeyOf(match.secret).publicKey,
        maxMoves: limits.gameMoves,
        maxRecords: limits.gameRecords,
        maxSideRecords: limits.gameSideRecords,
        maxProposals: limits.gameProposals,
      },
    },
    match.seatKey,
  )
  return accept({ match: matchIdOf(genesis.hash), genesis: genesis.bytes })
}

function openState(rules: Rules, limits: Limits, opening: OpenMatch): MatchState {
  const readSecret = opening.secret === undefined ? opening.readSecret : readSecretOf(opening.secret)
  if (readSecret === undefined)
    throw new MatchError('match/no-secret', 'A match is opened with its secret or its read secret.')
  const { seatKey } = opening
  if (seatKey !== undefined && seatKey.length !== 32) throw new MatchError('match/bad-key', 'A seat key has 32 bytes.')
  return new MatchState({
    match: opening.match,
    rules,
    limits,
    peer: opening.peer,
    name: opening.name ?? '',
    secret: opening.secret ?? null,
    readSecret,
    seatKey: seatKey === undefined ? null : { secretKey: seatKey, publicKey: publicKeyOf(seatKey) },
    now: opening.now,
  })
}

function takeEffects(state: MatchState): readonly Effect[] {
  const effects = state.effects
  state.effects = []
  return effects
}

function handle(state: MatchState, event: MatchEvent, claimsTime: boolean): Result<Acted, Code> | undefined {
  const { now } = event
  switch (event.type) {
    case 'acted':
      return onActed(state, event.intent, now, claimsTime)
    case 'received':
      onReceived(state, event, claimsTime)
      break
    case 'found': {
      const before = state.tree.chain()
      const added = takeIn(state, event.records, event.from, now, 'kept')
      store(state, added)
      settle(state, before, [], now, claimsTime)
      break
    }
    case 'unreadable':
      countRefusal(state, event.from, event.code)
      break
    case 'peers-joined':
      for (const peer of event.peers) {
        if (state.onTopic.size < maxPeers) state.onTopic.add(peer)
        hear(state, peer, now)
      }
      announcePresence(state, state.status, now)
      announceHead(state, now)
      state.effects.push({ type: 'changed' })
      break
    case 'peer-left':
      state.onTopic.delete(event.peer)
      forget(state, event.peer)
      break
    case 'connected':
      state.connectedSince = event.isConnected ? now : null
      if (event.isConnected) {
        announcePresence(state, state.status, now)
        announceHead(state, now)
        state.tellAgainAt = now + tellAgainMs
      }
      break
    case 'status':
      if (event.status !== 'leaving') state.status = event.status
      announcePresence(state, event.status, now)
      break
    case 'ticked':
      onTicked(state, now, claimsTime)
      break
  }
  return undefined
}

function onActed(state: MatchState, intent: Intent, now: number, claimsTime: boolean): Result<Acted, Code> {
  if (state.isArchived(now) && intent.type !== 'rematch') return refuse('match/archived')
  if (intent.type === 'claim-time' && !mayClaim(state, now)) return refuse('clock/too-early', 'back only just now')
  const content = contentOf(state, intent, now)
  if (!content.ok) return content
  const before = state.tree.chain()
  const record = append(state, content.value, now)
  if (!record.ok) return record
  const own = state.tree.get(record.value.hash)
  settle(state, before, own === undefined ? [] : [own], now, claimsTime)
  if (intent.type === 'sit') announcePresence(state, state.status, now)
  return accept({ hash: record.value.hash })
}

function onReceived(
  state: MatchState,
  { from, message, now }: Extract<MatchEvent, { type: 'received' }>,
  claimsTime: boolean,
): void {
  const peer = hear(state, from, now)
  switch (message.t) {
    case 'records': {
      const before = state.tree.chain()
      const waiting = state.waiting.size
      const added = takeIn(state, message.records, from, now, 'live')
      store(state, added)
      settle(state, before, [], now, claimsTime)
      // A record whose parent is missing: something was lost, and its sender has it.
      if (state.waiting.size > waiting) askForRecords(state, peer, from, now)
      break
    }
    case 'head':
      onHead(state, peer, from, message, now)
      break
    case 'want':
      onWant(state, peer, from, message, now)
      break
    case 'presence':
      onPresence(state, peer, from, message, now)
      break
  }
}

/** Who sees nobody tells what it holds all the same, so many times more rarely: others may be there unseen. */
const lonelyIntervals = 6
/** A way that has just come back may not lead to everybody yet, so what is held is told once more after so long. [M5] */
const tellAgainMs = 500

function onTicked(state: MatchState, now: number, claimsTime: boolean): void {
  sweepPeers(state, now)
  settle(state, state.tree.chain(), [], now, claimsTime)
  const isAlone = state.peers.size === 0 && state.onTopic.size === 0
  const everyMs = state.limits.gameHeadIntervalMs * (isAlone ? lonelyIntervals : 1)
  if (now - state.lastHeadSentAt < everyMs && now < state.tellAgainAt) return
  state.tellAgainAt = Number.POSITIVE_INFINITY
  announcePresence(state, state.status, now)
  announceHead(state, now)
}

/** After the tree has changed: what this side adds by itself, then storing before publishing, then telling. */
function settle(
  state: MatchState,
  before: readonly TreeNode[],
  own: readonly TreeNode[],
  now: number,
  claimsTime: boolean,
): void {
  const added = [...own, ...actByItself(state, now, claimsTime)]
  letGo(state)
  if (added.length > 0) {
    const records = added.map(node => node.record.bytes)
    store(state, added)
    publishRecords(state, records)
    state.effects.push({ type: 'keep', records })
    announceHead(state, now)
  }
  if (state.tree.chain() === before) return
  tellChanges(state, before)
  state.effects.push({ type: 'changed' })
}

function store(state: MatchState, nodes: readonly TreeNode[]): void {
  if (nodes.length > 0) state.effects.push({ type: 'store', records: nodes.map(node => node.record.bytes) })
}
