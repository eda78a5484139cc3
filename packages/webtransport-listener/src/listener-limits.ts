import { WebTransportError } from './webtransport-error.ts'

/** Every ceiling of a listener. */
export interface ListenerLimits {
  /** Sessions at once; a visitor beyond them hears 503. */
  readonly sessions: number
  /** Visitors between their first packet and the end of the handshake. Packets of more are dropped, as they come again. */
  readonly pending: number
  /** Of these, from one IPv4 address or IPv6 /64. */
  readonly pendingPerAddress: number
  /** Streams of one session at once, either side's; one more is reset. */
  readonly streams: number
  /** Bytes that have arrived on a session and that nobody reads, 1.25 MB at most on each stream. A session beyond it is closed. */
  readonly unreadBytes: number
  /** Bytes that a session may have given to QUIC and that have not left. A writer waits for them. */
  readonly unsentBytes: number
  /** From a visitor's first packet to a libp2p connection. */
  readonly handshakeMs: number
  /** Until a visitor answers our first packets, which shows that its address is its own. */
  readonly answerMs: number
  /** Silence after which a session is asked whether it is still there; QUIC ends it after 30 s. */
  readonly keepAliveMs: number
}

/** What a listener holds itself to unless told otherwise. */
export const defaultListenerLimits: ListenerLimits = {
  sessions: 1_000,
  pending: 64,
  pendingPerAddress: 16,
  streams: 256,
  unreadBytes: 16 * 1_024 * 1_024,
  unsentBytes: 256 * 1_024,
  handshakeMs: 10_000,
  answerMs: 2_000,
  keepAliveMs: 12_000,
}

/** @throws WebTransportError `webtransport/listen-failed` when a limit is not a positive number */
export function resolveListenerLimits(overrides: Partial<ListenerLimits> = {}): ListenerLimits {
  const limits = { ...defaultListenerLimits, ...overrides }
  for (const [name, value] of Object.entries(limits)) {
    if (!(value > 0)) {
      throw new WebTransportError('webtransport/listen-failed', `The limit ${name} must be above 0, not ${value}.`)
    }
  }
  return limits
}
