import { type Limits, type MatchId, type MatchRecord, type RecordHash, toHex } from '@tsugi/protocol'

import { type Effect } from './effect.ts'
import { RecordTree } from './record-tree.ts'
import { Refusals } from './refusals.ts'
import { type Seat } from './rules.ts'
import { type AnyRules, type Game, type Standing, seatOfKey } from './standing.ts'
import { WaitingRoom } from './waiting-room.ts'

/** Another peer on the match's topic. */
export interface PeerState {
  /** The key whose seat this peer has proved to hold, in hexadecimal. */
  key: string | null
  name: string
  status: 'here' | 'away'
  since: number
  heardAt: number
  /** When this peer last asked for records, and was last asked. */
  answeredAt: number
  askedAt: number
}

/**
 * Everything that a match machine remembers of one match. It belongs to the machine: `step` changes it in place and hands it back, so
 * a caller keeps only the newest reference and never looks inside.
 */
export class MatchState {
  readonly match: MatchId
  readonly rules: AnyRules
  readonly limits: Limits
  readonly peer: string
  readonly name: string
  readonly secret: Uint8Array | null
  readonly readSecret: Uint8Array
  readonly seatKey: { readonly secretKey: Uint8Array; readonly publicKey: Uint8Array; readonly hex: string } | null
  readonly tree = new RecordTree()
  readonly waiting: WaitingRoom
  /** Records let go beside the chain; one comes back when something is built on it. */
  readonly shelf = new Map<RecordHash, MatchRecord>()
  readonly refusals = new Refusals()
  /** Peers that have been heard lately. */
  readonly peers = new Map<string, PeerState>()
  /** Peers that the transport says are on the topic. */
  readonly onTopic = new Set<string>()
  /** By author: the smallest difference seen between our clock at arrival and theirs. */
  readonly clockOffsets = new Map<string, number>()
  /** Own records beside the chain about which it is decided whether they are issued again. */
  readonly decided = new Set<RecordHash>()
  game: Game | null = null
  /** The highest counter that this key has ever used, as far as known. */
  ownCounter = 0
  lastRecordAt: number | null = null
  /** Since when messages can get through; null while they cannot. */
  connectedSince: number | null
  lastHeadSentAt = Number.NEGATIVE_INFINITY
  /** When what is held is told once more. */
  tellAgainAt = Number.POSITIVE_INFINITY
  status: 'here' | 'away' = 'here'
  effects: Effect[] = []
  digestCache: { version: number; digest: Uint8Array } | null = null

  constructor(init: MatchStateInit) {
    this.match = init.match
    this.rules = init.rules
    this.limits = init.limits
    this.peer = init.peer
    this.name = init.name
    this.secret = init.secret
    this.readSecret = init.readSecret
    this.seatKey = init.seatKey === null ? null : { ...init.seatKey, hex: toHex(init.seatKey.publicKey) }
    this.waiting = new WaitingRoom(init.limits.gameOrphans)
    this.connectedSince = init.now
  }

  /** The standing at the head of the chain. */
  get standing(): Standing | null {
    return this.tree.head()?.standing ?? null
  }

  /** The seat that this side's key holds on the chain. */
  get mySeat(): Seat | null {
    const { standing, seatKey } = this
    return standing === null || seatKey === null ? null : seatOfKey(standing, seatKey.hex)
  }

  /** Whether nothing has happened for so long that nothing more is added from here. [A1] */
  isArchived(now: number): boolean {
    return this.lastRecordAt !== null && now - this.lastRecordAt > this.limits.gameDurationMs
  }
}

/** What a match state starts from. */
export interface MatchStateInit {
  readonly match: MatchId
  readonly rules: AnyRules
  readonly limits: Limits
  readonly peer: string
  readonly name: string
  readonly secret: Uint8Array | null
  readonly readSecret: Uint8Array
  readonly seatKey: { readonly secretKey: Uint8Array; readonly publicKey: Uint8Array } | null
  readonly now: number
}
