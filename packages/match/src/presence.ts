import { type MatchMessage, encodeCanonical, fromHex, isSignedFor, signFor } from '@tsugi/protocol'

import { countRefusal } from './intake.ts'
import { type MatchState, type PeerState } from './match-state.ts'
import { type Seat } from './rules.ts'
import { seatOfKey } from './standing.ts'
import { publish } from './sync.ts'

/** A peer not heard of for so many head intervals is gone. [P3] */
const silentIntervals = 4
/** How many peers are remembered; the one that was silent longest leaves. */
export const maxPeers = 256
const purpose = 'tsugi/1 presence'

type PresenceMessage = Extract<MatchMessage, { t: 'presence' }>

/** Tells the others that this side is here, away, or leaving; a player signs it with the seat's key. [P1] */
export function announcePresence(state: MatchState, status: PresenceMessage['status'], now: number): void {
  const { mySeat, seatKey, standing } = state
  const at = Math.max(0, Math.floor(now))
  const name = mySeat === null ? state.name : standing?.seats[mySeat]?.name || state.name
  const seat =
    mySeat === null || seatKey === null
      ? undefined
      : {
          seat: mySeat,
          signature: signFor(purpose, signedBytes(state, state.peer, mySeat, status, at), seatKey.secretKey),
        }
  publish(state, { t: 'presence', status, name, at, ...(seat === undefined ? {} : { seat }) })
}

/** The entry of a peer that a message came from. */
export function hear(state: MatchState, from: string, now: number): PeerState {
  const known = state.peers.get(from)
  if (known !== undefined) {
    known.heardAt = now
    return known
  }
  const never = Number.NEGATIVE_INFINITY
  const peer: PeerState = {
    key: null,
    name: '',
    status: 'here',
    since: now,
    heardAt: now,
    answeredAt: never,
    askedAt: never,
  }
  state.peers.set(from, peer)
  if (state.peers.size > maxPeers) {
    const [silent] = [...state.peers].reduce((left, right) => (left[1].heardAt <= right[1].heardAt ? left : right))
    state.peers.delete(silent)
  }
  return peer
}

/** Another peer tells how it is. [P1] [P2] */
export function onPresence(
  state: MatchState,
  peer: PeerState,
  from: string,
  message: PresenceMessage,
  now: number,
): void {
  const before = { key: peer.key, status: peer.status, name: peer.name }
  const proved = message.seat === undefined ? null : provedKey(state, from, message)
  if (message.seat !== undefined && proved === 'forged') countRefusal(state, from, 'presence/forged')
  if (message.status === 'leaving') {
    forget(state, from)
    return
  }
  peer.key = proved === 'forged' || proved === 'unknown' ? null : proved
  peer.name = message.name
  peer.status = message.status
  if (before.key === peer.key && before.status === peer.status && before.name === peer.name && peer.since !== now)
    return
  if (before.status !== peer.status) peer.since = now
  state.effects.push({ type: 'changed' })
  tell(state, peer.key, peer.status)
}

/** A peer has left the topic. */
export function forget(state: MatchState, from: string): void {
  const peer = state.peers.get(from)
  if (peer === undefined) return
  state.peers.delete(from)
  state.effects.push({ type: 'changed' })
  const isStillHere = [...state.peers.values()].some(other => other.key !== null && other.key === peer.key)
  if (!isStillHere) tell(state, peer.key, 'gone')
}

/** Lets go of peers that have been silent. [P3] */
export function sweepPeers(state: MatchState, now: number): void {
  const silentSince = now - silentIntervals * state.limits.gameHeadIntervalMs
  for (const [from, peer] of state.peers) {
    if (peer.heardAt < silentSince) forget(state, from)
  }
}

function tell(state: MatchState, key: string | null, status: 'here' | 'away' | 'gone'): void {
  const { standing } = state
  const seat = key === null || standing === null ? null : seatOfKey(standing, key)
  if (seat !== null) state.effects.push({ type: 'notice', notice: { type: 'presence', seat, status } })
}

/** The key that a presence message proves to hold; `unknown` while the seat's record has not arrived. */
function provedKey(state: MatchState, from: string, message: PresenceMessage): string | null {
  const { seat } = message
  if (seat === undefined) return null
  const holder = state.standing?.seats[seat.seat]
  if (holder === null || holder === undefined) return 'unknown'
  const bytes = signedBytes(state, from, seat.seat, message.status, message.at)
  return isSignedFor(purpose, bytes, seat.signature, fromHex(holder.key)) ? holder.key : 'forged'
}

/** What is signed names the match and the peer: so nobody can use another's presence. [P2] */
function signedBytes(state: MatchState, peer: string, seat: Seat, status: string, at: number): Uint8Array {
  return encodeCanonical({ match: state.match, peer, seat, status, at })
}
