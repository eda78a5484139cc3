/** Why a visitor, a session or a stream was refused, and what else a listener counts. */
export type ListenerCount =
  /** A datagram that begins nothing and belongs to nobody. */
  | 'stray'
  /** A version of QUIC that is not spoken here. */
  | 'version'
  | 'closed'
  /** Too many handshakes at once, of everybody or of one address. */
  | 'pending'
  | 'pending-address'
  | 'handshake-timeout'
  /** No endpoint could be opened. */
  | 'endpoint'
  /** Datagrams dropped because the socket takes no more. */
  | 'send-queue'
  /** Answers by HTTP status. */
  | 'status-400'
  | 'status-403'
  | 'status-503'
  /** Noise did not succeed, or the upgrade was refused. */
  | 'noise'
  | 'upgrade'
  | 'accepted'
  /** A stream beyond the ceiling of its session. */
  | 'streams'
  /** Sessions closed because of what nobody read, or what could not be ended. */
  | 'unread'
  | 'stuck-streams'

/** The same without what is no refusal. */
export type ListenerRefusal = Exclude<ListenerCount, 'accepted'>

/** Counts, and passes them on to a libp2p metrics service where there is one. */
export class ListenerCounters {
  readonly #counts = new Map<ListenerCount, number>()
  readonly #onCount: ((name: ListenerCount) => void) | undefined

  constructor(onCount?: (name: ListenerCount) => void) {
    this.#onCount = onCount
  }

  add(name: ListenerCount): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
    this.#onCount?.(name)
  }

  /** How often each came up; what never did is absent. */
  list(): Partial<Record<ListenerCount, number>> {
    return Object.fromEntries(this.#counts)
  }
}
