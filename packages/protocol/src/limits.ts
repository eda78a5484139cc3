/**
 * The one home of every limit. A limit is looked up here, overridden by `Partial<Limits>`, and resolved and validated once
 * by {@link resolveLimits}. `docs/limits.md` is generated from this table by `pnpm limits`.
 */

/** What a limit's number counts. */
export type LimitUnit = 'count' | 'bytes' | 'ms' | 'bytes/s' | 'count/s'

/** Whom a limit protects or binds. */
export type LimitScope = 'game' | 'peer' | 'stream' | 'address' | 'circuit' | 'reservation' | 'relay' | 'everywhere'

/** One row of the table. */
export interface LimitRow {
  readonly scope: LimitScope
  readonly unit: LimitUnit
  readonly default: number
  /** Why there is such a limit, and why this number. */
  readonly reason: string
}

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const KiB = 1_024
const MiB = 1_024 * KiB
const MB = 1_000_000

/** Every limit, by name. The unit stands in the name where a number alone would be misread. */
export const LIMITS = {
  gameSeats: {
    scope: 'game',
    unit: 'count',
    default: 4,
    reason: 'players seated; Go uses two, other rules may use more',
  },
  gamePeers: {
    scope: 'game',
    unit: 'count',
    default: 10,
    reason: 'peers linked directly; spectators beyond that are served by the relay’s route',
  },
  gameMoves: {
    scope: 'game',
    unit: 'count',
    default: 500,
    reason: 'moves and passes on the chain; the longest professional game on record has 411',
  },
  gameRecords: {
    scope: 'game',
    unit: 'count',
    default: 1_000,
    reason: 'records held, side branches included: twice the moves leaves room for undo, scoring and simultaneous acts',
  },
  gameSideRecords: {
    scope: 'game',
    unit: 'count',
    default: 250,
    reason: 'of the records held, those beside the chain; honest play leaves a handful, a cheat at most these',
  },
  gameProposals: {
    scope: 'game',
    unit: 'count',
    default: 100,
    reason: 'proposals about the result in one game, everybody’s together',
  },
  gameOrphans: {
    scope: 'game',
    unit: 'count',
    default: 256,
    reason: 'records waiting for the one before them; the oldest leaves first and is asked for again',
  },
  gameHeadIntervalMs: {
    scope: 'game',
    unit: 'ms',
    default: 10 * second,
    reason: 'how often peers of a game compare what they hold, so that a lost message heals in seconds',
  },
  gameAnswerIntervalMs: {
    scope: 'game',
    unit: 'ms',
    default: 2 * second,
    reason: 'one peer’s request for records is answered no sooner after its last',
  },
  gameLagMs: {
    scope: 'game',
    unit: 'ms',
    default: 3 * second,
    reason: 'what the network may add to a move before a clock is doubted; written into each game',
  },
  gameDurationMs: {
    scope: 'game',
    unit: 'ms',
    default: 4 * hour,
    reason: 'after that without a record the game is archived',
  },
  gameEventBuffer: {
    scope: 'game',
    unit: 'count',
    default: 256,
    reason: 'events waiting for one listener; the oldest that is not a record is dropped, the listener is marked slow',
  },
  gameMessageBytes: {
    scope: 'game',
    unit: 'bytes',
    default: 64 * KiB,
    reason: 'one message on a topic; a whole chain travels in several',
  },
  gameWriters: {
    scope: 'game',
    unit: 'count',
    default: 8,
    reason:
      'peers whose records of one game a relay keeps, at most half of them from one address; two players, their other devices, and room',
  },
  gameWriterBytes: {
    scope: 'game',
    unit: 'bytes',
    default: 512 * KiB,
    reason:
      'sealed records of one game that a relay keeps for one peer: a whole long game, so that either player can bring all of it',
  },
  gameWriterRecords: {
    scope: 'game',
    unit: 'count',
    default: 1_250,
    reason: 'the same in records: all that a game may hold, and some that its readers refuse',
  },
  gameKeptMs: {
    scope: 'game',
    unit: 'ms',
    default: 30 * day,
    reason: 'a game’s sealed records that nobody has written or read for so long are let go',
  },
  gameArchiveBytes: {
    scope: 'game',
    unit: 'bytes',
    default: MiB,
    reason: 'the signed records of one published game; 1,000 of them usually have 250 KiB',
  },
  peerGames: { scope: 'peer', unit: 'count', default: 10, reason: 'games at once; each holds a topic at the relay' },
  peerCircuits: { scope: 'peer', unit: 'count', default: 5, reason: 'relayed circuits at once' },
  peerBytesPerSecond: {
    scope: 'peer',
    unit: 'bytes/s',
    default: MB,
    reason: 'through the relay, all circuits together',
  },
  peerBandwidthBurstMs: {
    scope: 'peer',
    unit: 'ms',
    default: 2 * second,
    reason: 'how much of its bandwidth a peer may use in advance',
  },
  peerMessagesPerSecond: {
    scope: 'peer',
    unit: 'count/s',
    default: 120,
    reason: 'a fast real-time game sends 60 to 120 a second',
  },
  peerMessageBurst: {
    scope: 'peer',
    unit: 'count',
    default: 240,
    reason: 'two seconds of messages at once, after a stall',
  },
  peerStoreRequestsPerSecond: {
    scope: 'peer',
    unit: 'count/s',
    default: 10,
    reason: 'requests to keep or to bring records: one for each move, some for each return',
  },
  peerStoreRequestBurst: {
    scope: 'peer',
    unit: 'count',
    default: 60,
    reason: 'a peer that comes back with all of its games, and brings each of them in several requests',
  },
  peerHopRequestsPerSecond: {
    scope: 'peer',
    unit: 'count/s',
    default: 5,
    reason: 'for reservations and circuits; four seconds’ worth at once, as after a lost connection',
  },
  peerUnusedMs: {
    scope: 'peer',
    unit: 'ms',
    default: 5 * minute,
    reason: 'while the relay is loaded, who holds nothing and does nothing for so long is closed',
  },
  peerSilenceMs: {
    scope: 'peer',
    unit: 'ms',
    default: 15 * second,
    reason:
      'who says nothing for so long is asked by a ping; after three without an answer, in turns of this length, it is gone',
  },
  circuitIdleMs: {
    scope: 'peer',
    unit: 'ms',
    default: 5 * minute,
    reason: 'an idle circuit is closed; a turn-based player thinks for minutes',
  },
  circuitSweepMs: { scope: 'peer', unit: 'ms', default: 10 * second, reason: 'how often idle circuits are looked for' },
  streamsAtOnce: {
    scope: 'stream',
    unit: 'count',
    default: 128,
    reason: 'lasting streams at once, with everybody; each may hold its window twice, so 64 MiB together',
  },
  streamsPerPeer: {
    scope: 'stream',
    unit: 'count',
    default: 32,
    reason: 'lasting streams with one other peer; a game needs one or two',
  },
  streamHandlers: {
    scope: 'stream',
    unit: 'count',
    default: 32,
    reason: 'protocols for which an application takes lasting streams',
  },
  streamNameLength: {
    scope: 'stream',
    unit: 'count',
    default: 128,
    reason: 'characters of such a protocol’s name',
  },
  streamWindowBytes: {
    scope: 'stream',
    unit: 'bytes',
    default: 256 * KiB,
    reason:
      'of a lasting stream, bytes that one application has written and the other has not read; at 50 ms of round trip 5 MB/s',
  },
  streamFrameBytes: {
    scope: 'stream',
    unit: 'bytes',
    default: 32 * KiB,
    reason: 'data in one frame of a lasting stream; an acknowledgement waits for no more than that',
  },
  streamGreetings: {
    scope: 'stream',
    unit: 'count',
    default: 64,
    reason:
      'carriers of lasting streams on which nothing has been said yet; of one peer, as many as it may have streams',
  },
  streamGreetingMs: {
    scope: 'stream',
    unit: 'ms',
    default: 10 * second,
    reason: 'how long a carrier may take to say which stream it is for, and to be answered',
  },
  streamAwayMs: {
    scope: 'stream',
    unit: 'ms',
    default: minute,
    reason:
      'a lasting stream that nothing has carried for so long has ended; longer than it takes to find a line dead and another',
  },
  addressPeers: {
    scope: 'address',
    unit: 'count',
    default: 50,
    reason: 'peers of one IPv4 address or IPv6 /64; a school behind one NAT fits',
  },
  addressJoinsPerSecond: {
    scope: 'address',
    unit: 'count/s',
    default: 10,
    reason: 'new connections of one address; a room that reloads together fits',
  },
  addressPublications: {
    scope: 'address',
    unit: 'count',
    default: 6,
    reason: 'games published in a minute; each has to be checked from its first record to its last',
  },
  circuitBytes: {
    scope: 'circuit',
    unit: 'bytes',
    default: 64 * MiB,
    reason: 'data each way; thousands of times a game of Go',
  },
  circuitBytesPerSecond: {
    scope: 'circuit',
    unit: 'bytes/s',
    default: MB,
    reason: 'each way; what one peer may send over all of its circuits',
  },
  circuitDurationMs: { scope: 'circuit', unit: 'ms', default: 4 * hour, reason: 'as long as a game may last' },
  circuitBufferBytes: {
    scope: 'circuit',
    unit: 'bytes',
    default: MB,
    reason: 'both directions; normally under 64 KiB, because reading pauses',
  },
  reservationTtlMs: {
    scope: 'reservation',
    unit: 'ms',
    default: hour,
    reason: 'renewed before it ends; short enough that a lost peer is forgotten soon',
  },
  relayPeers: { scope: 'relay', unit: 'count', default: 10_000, reason: 'connected at once' },
  relayReservations: { scope: 'relay', unit: 'count', default: 10_000, reason: 'one for each peer' },
  relayTopics: { scope: 'relay', unit: 'count', default: 1_000, reason: 'games routed at once' },
  fellowMessagesPerSecond: {
    scope: 'relay',
    unit: 'count/s',
    default: 2_000,
    reason:
      'gossip that one fellow relay forwards for its guests; checking the signatures of more would take a whole core',
  },
  relayPingsPerSecond: {
    scope: 'relay',
    unit: 'count/s',
    default: 1_000,
    reason:
      'by which its guests together ask whether it is still there; 4 % of a core, and up to 2,000 guests miss it within seconds',
  },
  relayBytesPerSecond: {
    scope: 'relay',
    unit: 'bytes/s',
    default: 10 * MB,
    reason: 'relayed traffic of everybody together',
  },
  connectionSettleMs: {
    scope: 'relay',
    unit: 'ms',
    default: 30 * second,
    reason: 'an inbound connection on which nobody said who it is, or opened anything, is closed after that',
  },
  relayBans: {
    scope: 'relay',
    unit: 'count',
    default: 10_000,
    reason: 'peers, addresses and networks banned at once; some 500 bytes each',
  },
  relayMemoryBytes: { scope: 'relay', unit: 'bytes', default: 500 * MB, reason: 'the memory guard’s 100 %' },
  relayKeptGames: {
    scope: 'relay',
    unit: 'count',
    default: 5_000,
    reason: 'games whose sealed records are kept; of the address that has most, the one untouched longest leaves first',
  },
  relayKeptBytes: {
    scope: 'relay',
    unit: 'bytes',
    default: 256 * MiB,
    reason: 'sealed records of all games, on disk; some 2,500 games of average length',
  },
  relayArchivedGames: {
    scope: 'relay',
    unit: 'count',
    default: 2_000,
    reason: 'published games; the one published first leaves first',
  },
  relayArchiveBytes: { scope: 'relay', unit: 'bytes', default: 256 * MiB, reason: 'published games, on disk' },
  relayArchivedMs: {
    scope: 'relay',
    unit: 'ms',
    default: 365 * day,
    reason: 'a published game is let go after that',
  },
  knownRelays: { scope: 'everywhere', unit: 'count', default: 100, reason: 'relays that a peer or a relay remembers' },
  bookPeers: {
    scope: 'everywhere',
    unit: 'count',
    default: 1_000,
    reason: 'peers in an address book; the least recently seen leaves first',
  },
  bookAddressesPerPeer: {
    scope: 'everywhere',
    unit: 'count',
    default: 16,
    reason: 'addresses kept of one peer; the least recently seen leaves first',
  },
  queueLength: {
    scope: 'everywhere',
    unit: 'count',
    default: 1_000,
    reason: 'messages that an application may have wait for one handle of a topic (`bufferSize`)',
  },
  bookAddressTtlMs: {
    scope: 'everywhere',
    unit: 'ms',
    default: hour,
    reason: 'an address not seen for so long is forgotten',
  },
  bookPeerTtlMs: {
    scope: 'everywhere',
    unit: 'ms',
    default: 6 * hour,
    reason: 'a peer without any address is forgotten, and by which transport a relay was reached first',
  },
  nameLength: { scope: 'everywhere', unit: 'count', default: 32, reason: 'characters of a player’s name' },
  wellKnownBytes: { scope: 'everywhere', unit: 'bytes', default: 32 * KiB, reason: 'a relay’s description document' },
} as const satisfies Record<string, LimitRow>

/** The name of a limit. */
export type LimitName = keyof typeof LIMITS

/** Every limit with the value in force. */
export type Limits = { readonly [Name in LimitName]: number }

/** Thrown when a caller sets a limit that is not a non-negative safe integer (or `Infinity`, for none), or that does not exist. */
export class LimitError extends Error {
  readonly code = 'limits/invalid'
  override readonly name = 'LimitError'
}

/** The defaults of {@link LIMITS}. */
export const defaultLimits: Limits = Object.freeze(
  Object.fromEntries(Object.entries(LIMITS).map(([name, row]) => [name, row.default])),
) as Limits

/**
 * Lays overrides over the defaults.
 *
 * @throws LimitError when a name is unknown, or a value is neither a non-negative safe integer nor `Infinity`
 */
export function resolveLimits(overrides: Partial<Limits> = {}): Limits {
  for (const [name, value] of Object.entries(overrides)) {
    if (!Object.hasOwn(LIMITS, name)) throw new LimitError(`There is no limit "${name}".`)
    if (value === undefined) continue
    if (value !== Number.POSITIVE_INFINITY && (!Number.isSafeInteger(value) || value < 0)) {
      throw new LimitError(
        `The limit ${name} must be a whole number of at least 0, or Infinity for none, not ${value}.`,
      )
    }
  }
  const set = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined))
  return Object.freeze({ ...defaultLimits, ...set })
}
