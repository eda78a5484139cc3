import { type MatchMessage, batchesOf, hashBytes, sha256, shortIdBytes, toHex } from '@tsugi/protocol'

import { countRefusal } from './intake.ts'
import { type MatchState, type PeerState } from './match-state.ts'
import { type TreeNode } from './record-tree.ts'

/** A fingerprint of everything held: peers whose fingerprints are equal hold the same. [M5] */
function digestOf(state: MatchState): Uint8Array {
  const { tree, digestCache } = state
  if (digestCache?.version === tree.version) return digestCache.digest
  const hashes = [...tree.nodes()].map(node => node.record.hash).sort()
  const joined = new Uint8Array(32 * hashes.length)
  for (const [index, hash] of hashes.entries()) joined.set(hashBytes(hash), 32 * index)
  const digest = sha256(joined).subarray(0, 16)
  state.digestCache = { version: tree.version, digest }
  return digest
}

/** Tells the others what this side holds; before the first record is here, asks for it instead. [M5] */
export function announceHead(state: MatchState, now: number): void {
  const head = state.tree.head()
  state.lastHeadSentAt = now
  if (head === null) {
    publish(state, { t: 'want', have: new Uint8Array() })
    return
  }
  const { hash, height } = head.record
  publish(state, { t: 'head', head: hashBytes(hash), height, digest: digestOf(state), count: state.tree.size })
}

/** Asks one peer for what it holds and we do not; not more often than it will answer. [M4] */
export function askForRecords(state: MatchState, peer: PeerState, to: string, now: number): void {
  if (now - peer.askedAt < state.limits.gameAnswerIntervalMs) return
  peer.askedAt = now
  const held = [...state.tree.nodes()].map(node => node.record.hash)
  const have = new Uint8Array(shortIdBytes * held.length)
  for (const [index, hash] of held.entries()) have.set(hashBytes(hash).subarray(0, shortIdBytes), shortIdBytes * index)
  publish(state, { t: 'want', to, have })
}

/** Another peer tells what it holds. Where that differs, we ask for it, and tell in turn what we hold. [M5] */
export function onHead(state: MatchState, peer: PeerState, from: string, message: HeadMessage, now: number): void {
  if (isSame(message.digest, digestOf(state)) && state.tree.size > 0) return
  askForRecords(state, peer, from, now)
  if (state.tree.size > 0 && now - state.lastHeadSentAt >= state.limits.gameAnswerIntervalMs) announceHead(state, now)
}

/** Another peer asks. Whoever holds the chain answers, players and watchers alike; a question to nobody gets a head only. [M4] */
export function onWant(state: MatchState, peer: PeerState, from: string, message: WantMessage, now: number): void {
  if (message.to !== undefined && message.to !== state.peer) return
  if (state.tree.size === 0) return
  if (message.to === undefined) {
    announceHead(state, now)
    return
  }
  if (now - peer.answeredAt < state.limits.gameAnswerIntervalMs) {
    countRefusal(state, from, 'sync/too-often')
    return
  }
  peer.answeredAt = now
  const theirs = shortIds(message.have)
  const missing = byHeight(state.tree.nodes()).filter(node => !theirs.has(node.record.hash.slice(0, 2 * shortIdBytes)))
  publishRecords(
    state,
    missing.map(node => node.record.bytes),
  )
}

/** Nodes in an order in which parents come before their children. */
export function byHeight(nodes: Iterable<TreeNode>): readonly TreeNode[] {
  return [...nodes].toSorted((left, right) => left.record.height - right.record.height)
}

/** Publishes records in as few messages as they fit into. [M3] */
export function publishRecords(state: MatchState, records: readonly Uint8Array[]): void {
  for (const batch of batchesOf(records)) publish(state, { t: 'records', records: batch })
}

/** Asks the effect's carrier to publish a message. */
export function publish(state: MatchState, message: MatchMessage): void {
  state.effects.push({ type: 'publish', message })
}

type HeadMessage = Extract<MatchMessage, { t: 'head' }>
type WantMessage = Extract<MatchMessage, { t: 'want' }>

function shortIds(have: Uint8Array): ReadonlySet<string> {
  const ids = new Set<string>()
  for (let at = 0; at < have.length; at += shortIdBytes) ids.add(toHex(have.subarray(at, at + shortIdBytes)))
  return ids
}

function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return left.every((byte, index) => byte === right[index])
}
