/** The match's topic, as a session needs it. `topicTransport` makes one of a topic of `@tsugi/peer`. */
export interface MatchTransport {
  /** This peer's id, as the others see it. */
  readonly peer: string
  /** Hands bytes to the topic. May fail: what was lost heals by the next exchange of heads. */
  publish(bytes: Uint8Array): Promise<unknown>
  /** Starts handing over what arrives; answers how to stop. */
  listen(listener: TransportListener): () => void
}

/** What a transport tells its session. */
export interface TransportListener {
  onMessage(from: string, bytes: Uint8Array): void
  /** Everybody else on the topic, whenever that changes. */
  onPeers(peers: readonly string[]): void
  /** Whether messages can get through at all. A transport that cannot tell never calls it. */
  onConnected?(isConnected: boolean): void
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
