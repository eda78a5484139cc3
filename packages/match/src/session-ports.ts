/** The match's topic, as a session needs it. `topicTransport` makes one of a topic of `@tsugi/peer`. */
export interface MatchTransport {
  /** This peer's id, as the others see it. */
  readonly peer: string
  /** Hands bytes to the topic. May fail: what was lost heals by the next exchange of heads. */
  publish(bytes: Uint8Array): Promise<unknown>
  /** Starts handing over what arrives; answers how to stop. */
  listen(listener: TransportListener): () => void
  /** Who keeps records for players who are not there, where there is somebody. */
  readonly keeper?: RecordKeeper
}

/**
 * Keeps a match's sealed records for players who are not there: the relays, as a rule. It cannot read them, and what it hands over is checked
 * like any other message. [Q1]–[Q8]
 */
export interface RecordKeeper {
  /** Has records kept; resolves to whether all of them are safe now. */
  keep(sealed: readonly Uint8Array[]): Promise<boolean>
  /** Compares what is kept with what is held here; resolves to whether that went well. */
  compare(comparison: RecordComparison): Promise<boolean>
}

/** One side of a comparison. */
export interface RecordComparison {
  /** The sealed form of all that is held, parents first; made only when it is needed. */
  readonly held: () => readonly Uint8Array[]
  /** Ids of what was handed over before, and need not be again; some of it may have been refused. [Q2] */
  readonly seen: readonly Uint8Array[]
  /** Whether what the keeper lacks is to be brought to it. */
  readonly mayBring: boolean
  /** Called with what is kept beside what is held, as it comes. */
  readonly onFound: (sealed: readonly Uint8Array[]) => void
}

/** What a transport tells its session. */
export interface TransportListener {
  onMessage(from: string, bytes: Uint8Array): void
  /** Everybody else on the topic, whenever that changes. */
  onPeers(peers: readonly string[]): void
  /** Whether messages can get through at all; again when another way stands, on which what was lost on the one before is told again. A transport that cannot tell never calls it. */
  onConnected?(isConnected: boolean): void
  /** The keeper, or another one behind it, can be reached, for the first time or again. */
  onKeeper?(): void
}

/** Where records are kept. */
export interface MatchStore {
  /** All records of a match, in any order. */
  load(match: string): Promise<readonly Uint8Array[]>
  /** Adds records; settles when they are safe. The same record twice is one record. */
  append(match: string, records: readonly Uint8Array[]): Promise<void>
}

/** The host's clock and timer. */
export interface SessionClock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls again and again; answers how to stop. */
  every(intervalMs: number, tick: () => void): () => void
}

/** As many random bytes as asked for, from a cryptographic source. */
export type RandomBytes = (length: number) => Uint8Array
