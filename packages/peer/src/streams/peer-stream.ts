import type { PeerId } from '@tsugi/protocol'

import type { TypedEventTarget } from '../typed-events.ts'

/** Which way a stream goes now: by a direct line, or through a relay. */
export type StreamRoute = 'direct' | 'relayed'

/** `waiting`: nothing carries it now, and what is written waits; `ended`: see {@link PeerStream.closed}. */
export type StreamState = 'carried' | 'waiting' | 'ended'

/** What a stream tells. */
export interface PeerStreamEvents {
  /** A line carries it: for the first time, again, or another one. Nothing was lost or doubled by that. */
  carried: { readonly route: StreamRoute }
  /** The line that carried it is gone; another one is looked for. */
  waiting: undefined
}

/**
 * How a stream ended: everything arrived, both ways; or with a code of {@link STREAM_CODES}, or the one that an application gave to `abort`,
 * from the other end (`isRemote`) or from here.
 */
export type StreamEnd =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: string; readonly isRemote: boolean }

/** A stream of bytes to another peer, and from it, that outlives the lines which carry it. */
export interface PeerStream extends TypedEventTarget<PeerStreamEvents>, AsyncDisposable {
  /** The same at both ends; 32 hexadecimal digits. */
  readonly id: string
  readonly remotePeer: PeerId
  readonly protocol: string
  readonly state: StreamState
  /** Which way it goes now; `null` while nothing carries it. */
  readonly route: StreamRoute | null
  /**
   * What the other application writes. What is not read waits, at most `streamWindowBytes`, and then the writer does. To cancel it throws
   * away what comes. It errors with a PeerError when the stream ends before its time.
   */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>
  /**
   * A chunk is written when it is on its way; chunks may be of any size, and are the caller's again then. To close it ends this direction
   * only, and resolves when the other application has read everything. To abort it ends the stream, both ways.
   */
  readonly writable: WritableStream<Uint8Array>
  /** Resolves when both directions have ended, or the stream has. Never rejects. */
  readonly closed: Promise<StreamEnd>
  /**
   * Ends it at once, both ways; what was not read is lost. Safe to repeat.
   *
   * @param code - what the other end is told: 1 to 64 printable ASCII characters without spaces. Default `stream/aborted`
   * @throws PeerError `stream/invalid-code`
   */
  abort(code?: string): void
}

/** What is refused, by code, and how much of everything there is. */
export interface StreamsStats {
  /** Streams that have not ended, those of them that nothing carries now, and those that only wait to hear that everything has arrived. */
  readonly open: number
  readonly waiting: number
  readonly settling: number
  readonly handlers: number
  /** Carriers that have not said yet which stream they are for. */
  readonly greetings: number
  /** Bytes written here that the other applications have not read, and bytes that came and were not read here. */
  readonly unacknowledgedBytes: number
  readonly unreadBytes: number
  /** Since the start. `carried` counts every carrier of each. */
  readonly opened: number
  readonly accepted: number
  readonly carried: number
  readonly whole: number
  /** Streams that ended before their time, and carriers that were refused here, by code. Codes of applications count as `stream/aborted`. */
  readonly failed: Readonly<Record<string, number>>
  readonly refused: Readonly<Record<string, number>>
}

/** A peer's lasting streams. */
export interface Streams extends AsyncDisposable {
  /**
   * Opens one, by the best line that there is or can be made: a direct one, else a circuit through a relay that both have. Resolves when the
   * other application has taken it.
   *
   * @param peer - its peer id; the peers of a common topic have lines already
   * @throws PeerError `link/invalid-peer`, `stream/invalid-protocol`, `stream/too-many`, `stream/unreachable` (no line, or one that speaks no streams),
   *   `stream/refused` (the message has the other end's code), `peer/stopped`; the signal's reason
   */
  open(peer: string, protocol: string, options?: { readonly signal?: AbortSignal }): Promise<PeerStream>
  /**
   * Takes the streams of a protocol that others open. What the handler throws ends its stream.
   *
   * @param protocol - 1 to 128 printable ASCII characters without spaces
   * @returns how to stop; streams that are open go on
   * @throws PeerError `stream/invalid-protocol`, `stream/handled-already`, `stream/too-many`, `peer/stopped`
   */
  handle(protocol: string, handler: (stream: PeerStream) => unknown): () => void
  /** Those that have not ended. */
  list(): PeerStream[]
  stats(): StreamsStats
  /** Ends all of them, and takes no more. Safe to repeat; the peer does it when it stops. */
  close(): Promise<void>
}
