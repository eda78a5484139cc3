import type { Connection } from '@libp2p/interface'

/** What {@link UnsettledConnections} wants to know. */
export interface UnsettledOptions {
  /** How long a connection may stand without anybody saying who it is or opening a stream. */
  readonly limits: { readonly connectionSettleMs: number }
  /** Whether its peer has something here, such as a reservation. */
  readonly isInUse: (peer: string) => boolean
  readonly onClosed: (connection: Connection) => void
  readonly now?: () => number
}

/**
 * Connections that have finished their handshake and done nothing since: no identify, no stream. They cost as much as others, so they
 * are closed after a while. Holds open connections only, of which admission bounds the number.
 */
export class UnsettledConnections {
  readonly #options: UnsettledOptions
  readonly #now: () => number
  /** In the order in which they were opened. */
  readonly #openedAt = new Map<Connection, number>()

  constructor(options: UnsettledOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
  }

  get size(): number {
    return this.#openedAt.size
  }

  /** A connection stands. Those that we dialled are settled: we know whom we asked for. */
  add(connection: Connection): void {
    if (connection.direction === 'inbound') this.#openedAt.set(connection, this.#now())
  }

  /** Its peer has said who it is, or it has closed. */
  remove(connection: Connection): void {
    this.#openedAt.delete(connection)
  }

  /** Closes those whose time is over; answers how many. */
  sweep(): number {
    const { limits, isInUse, onClosed } = this.#options
    const now = this.#now()
    let closed = 0
    for (const [connection, openedAt] of this.#openedAt) {
      if (now - openedAt < limits.connectionSettleMs) break
      this.#openedAt.delete(connection)
      const hasOpened = connection.streams.some(each => each.direction === 'inbound')
      if (connection.status !== 'open' || hasOpened || isInUse(connection.remotePeer.toString())) continue
      closed += 1
      onClosed(connection)
      connection.abort(new Error('nobody settled the connection'))
    }
    return closed
  }
}
