import {
  type MatchRecord,
  type RecordHash,
  decodeRecord,
  isRecordSigned,
  matchIdOf,
  sha256,
  toBase64url,
  toHex,
} from '@tsugi/protocol'

import { applyRecord } from './apply.ts'
import { type MatchState } from './match-state.ts'
import { type TreeNode } from './record-tree.ts'
import { startStanding } from './start-standing.ts'
import { timesOf } from './times.ts'

/**
 * After so many bad records the rest of a message is not read: each costs its sender nothing and us a signature check. What was kept is read to
 * the end: it comes from many hands, and each of them has had its share to fill.
 */
const maxBadPerMessage = 8

/** Where records come from: a stranger's message, now; whoever kept them meanwhile; or our own store. */
export type Origin = 'live' | 'kept' | 'stored'

/**
 * Takes in records from a peer or from the store: each is checked for everything, put in its place in the tree, and what waited for it
 * follows. What fails any check changes nothing and is counted against its sender. [V1] [C1]
 *
 * @returns the nodes added, parents first
 */
export function takeIn(
  state: MatchState,
  written: readonly Uint8Array[],
  from: string,
  now: number,
  origin: Origin,
): readonly TreeNode[] {
  const added: TreeNode[] = []
  let bad = 0
  for (const bytes of written) {
    const refusal = takeOne(state, bytes, from, now, origin, added)
    if (refusal === null) continue
    countRefusal(state, from, refusal.code, refusal.detail)
    bad += 1
    if (bad >= maxBadPerMessage && origin === 'live') {
      countRefusal(state, from, 'sync/too-many-bad')
      break
    }
  }
  const dropped = letGo(state)
  return dropped.size === 0 ? added : added.filter(node => !dropped.has(node.record.hash))
}

/** Counts a refusal and tells of it. */
export function countRefusal(state: MatchState, from: string, code: string, detail?: string): void {
  state.refusals.count(from, code)
  state.effects.push({ type: 'refused', from, code, detail })
}

/** Lets go of what exceeds the ceiling beside the chain; the newest of it can come back from the shelf. [H1] */
export function letGo(state: MatchState): ReadonlySet<RecordHash> {
  const { game, tree, shelf } = state
  const letGone = new Set<RecordHash>()
  if (game === null) return letGone
  const dropped = tree.prune(game.terms.maxSideRecords, game.rules.seats)
  for (const record of dropped) {
    shelf.set(record.hash, record)
    letGone.add(record.hash)
  }
  while (shelf.size > game.terms.maxSideRecords) {
    const [oldest] = shelf.keys()
    if (oldest === undefined) break
    shelf.delete(oldest)
  }
  return letGone
}

type Refusal = { readonly code: string; readonly detail?: string | undefined } | null

function takeOne(
  state: MatchState,
  bytes: Uint8Array,
  from: string,
  now: number,
  origin: Origin,
  added: TreeNode[],
): Refusal {
  const hash = toHex(sha256(bytes)) as RecordHash
  if (state.tree.get(hash) !== undefined || state.waiting.has(hash)) return null
  const decoded = decodeRecord(bytes)
  if (!decoded.ok) return decoded
  const record = decoded.value
  // Whatever has become of it otherwise: a counter that this key has used must never be used again.
  if (origin !== 'live') noteOwnCounter(state, record)
  if (record.match === null) return takeGenesis(state, record, now, origin, added)
  if (toBase64url(record.match) !== state.match) return { code: 'record/wrong-match' }
  return place(state, record, from, now, origin, added)
}

function takeGenesis(state: MatchState, record: MatchRecord, now: number, origin: Origin, added: TreeNode[]): Refusal {
  if (matchIdOf(record.hash) !== state.match) return { code: 'record/wrong-match' }
  if (!isRecordSigned(record)) return { code: 'record/forged' }
  const started = startStanding(state.rules, state.limits, record)
  if (!started.ok) return started
  state.game = started.value.game
  added.push(state.tree.add(record, started.value.standing, timesOf(state, record, null, null, now, origin)))
  noteArrival(state, record, now, origin)
  return followUp(state, record.hash, now, origin, added)
}

/** Puts a record below its parent, or where it waits for it. */
function place(
  state: MatchState,
  record: MatchRecord,
  from: string,
  now: number,
  origin: Origin,
  added: TreeNode[],
): Refusal {
  const missing = reviveAncestors(state, record, now, origin, added)
  if (missing) {
    state.waiting.add({ record, from })
    return null
  }
  const refusal = judge(state, record, now, origin, added)
  return refusal ?? followUp(state, record.hash, now, origin, added)
}

/** Brings ancestors back from the shelf; answers whether the parent is still missing. */
function reviveAncestors(
  state: MatchState,
  record: MatchRecord,
  now: number,
  origin: Origin,
  added: TreeNode[],
): boolean {
  const line: MatchRecord[] = []
  let { parent } = record
  while (parent !== null && state.tree.get(parent) === undefined) {
    const shelved = state.shelf.get(parent)
    if (shelved === undefined) return true
    line.push(shelved)
    parent = shelved.parent
  }
  for (const shelved of line.toReversed()) {
    state.shelf.delete(shelved.hash)
    judge(state, shelved, now, origin, added)
  }
  return false
}

function judge(state: MatchState, record: MatchRecord, now: number, origin: Origin, added: TreeNode[]): Refusal {
  const parent = record.parent === null ? undefined : state.tree.get(record.parent)
  if (state.game === null || parent === undefined) return { code: 'record/wrong-link' }
  const standing = applyRecord(state.game, parent.standing, record)
  if (!standing.ok) return standing
  if (!isRecordSigned(record)) return { code: 'record/forged' }
  state.shelf.delete(record.hash)
  added.push(state.tree.add(record, standing.value, timesOf(state, record, parent, standing.value, now, origin)))
  noteArrival(state, record, now, origin)
  return null
}

/** Places what waited for a record, and what waited for that. Their refusals count against those who sent them. */
function followUp(state: MatchState, hash: RecordHash, now: number, origin: Origin, added: TreeNode[]): null {
  const open = [hash]
  for (let parent = open.pop(); parent !== undefined; parent = open.pop()) {
    for (const { record, from } of state.waiting.takeChildren(parent)) {
      const refusal = judge(state, record, now, origin, added)
      if (refusal === null) open.push(record.hash)
      else countRefusal(state, from, refusal.code, refusal.detail)
    }
  }
  return null
}

function noteArrival(state: MatchState, record: MatchRecord, now: number, origin: Origin): void {
  const happened = origin === 'stored' ? Math.min(now, record.at) : now
  state.lastRecordAt = Math.max(state.lastRecordAt ?? 0, happened)
  noteOwnCounter(state, record)
}

function noteOwnCounter(state: MatchState, record: MatchRecord): void {
  if (record.author === state.seatKey?.hex) state.ownCounter = Math.max(state.ownCounter, record.counter)
}
