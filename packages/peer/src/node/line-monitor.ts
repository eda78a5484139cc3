import type { Connection } from '@libp2p/interface'
import type { TaskGroup } from '@tsugi/bounded'

import { pingConnection } from './ping-connection.ts'

/** What {@link LineMonitor} needs. */
export interface LineMonitorOptions {
  readonly tasks: TaskGroup
  readonly connections: () => Connection[]
  /** A round trip was measured. */
  readonly onRoundTrip: (connection: Connection, roundTripMs: number) => void
  readonly everyMs?: number
  readonly timeoutMs?: number
}

const firstPingMs = 500
/** After a sleep a line is more often dead than slow. */
const hurryMs = 2_500
/** A line that misses so many pings in a row is dead. */
const maxMissed = 2

/**
 * Pings every connection in turn: for the round trip that is shown, and because a line that died without a word (a laptop that
 * slept, a cable pulled) must be found out. What misses two pings in a row is closed, and whoever owns it opens another.
 */
export class LineMonitor {
  readonly #options: LineMonitorOptions
  readonly #missed = new WeakMap<Connection, number>()
  readonly #timeoutMs: number

  constructor(options: LineMonitorOptions) {
    this.#options = options
    this.#timeoutMs = options.timeoutMs ?? 8_000
    options.tasks.interval('ping', options.everyMs ?? 10_000, () => this.checkAll())
  }

  /** Measures one connection soon: it has just opened, and the other end may still be busy with that. */
  watch(connection: Connection): void {
    this.#options.tasks.timeout('first ping', firstPingMs, () => this.#check(connection))
  }

  /** Pings everything now, as after a sleep. */
  async checkAll(haste?: 'hurry'): Promise<void> {
    const timeoutMs = haste === 'hurry' ? hurryMs : this.#timeoutMs
    await Promise.all(this.#options.connections().map(connection => this.#check(connection, timeoutMs)))
  }

  async #check(connection: Connection, timeoutMs = this.#timeoutMs): Promise<void> {
    if (connection.status !== 'open') return
    const signal = AbortSignal.any([this.#options.tasks.signal, AbortSignal.timeout(timeoutMs)])
    try {
      const roundTripMs = await pingConnection(connection, signal)
      this.#missed.delete(connection)
      this.#options.onRoundTrip(connection, roundTripMs)
    } catch (error) {
      if (this.#options.tasks.isStopped || connection.status !== 'open') return
      // Whoever speaks but knows no ping is alive.
      if (error instanceof Error && error.name === 'UnsupportedProtocolError') return
      const missed = (this.#missed.get(connection) ?? 0) + 1
      this.#missed.set(connection, missed)
      if (missed >= maxMissed) connection.abort(new Error('The line did not answer.'))
      // One that is suspected is asked again at once: whoever plays over it waits.
      else await this.#check(connection, timeoutMs)
    }
  }
}
