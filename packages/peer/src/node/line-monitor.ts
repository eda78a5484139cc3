import type { Connection } from '@libp2p/interface'
import type { TaskGroup } from '@tsugi/bounded'

import { pingConnection } from './ping-connection.ts'

/** What {@link LineMonitor} needs. */
export interface LineMonitorOptions {
  readonly tasks: TaskGroup
  readonly connections: () => Connection[]
  /** A round trip was measured. */
  readonly onRoundTrip: (connection: Connection, roundTripMs: number) => void
  /** How often each line is asked, as things stand at this moment; in whole seconds, rounded up. Default: every {@link restingPingMs}. */
  readonly pace?: () => (connection: Connection) => number
  /** A line has not answered for `silentMs`, which is longer than it takes as a rule. It may be dead, or only slow: then a round trip is still measured. */
  readonly onSilent?: (connection: Connection, silentMs: number) => void
  readonly timeoutMs?: number
  /** Default: {@link pingConnection}. */
  readonly ping?: (connection: Connection, signal: AbortSignal) => Promise<number>
}

/** How often a line is asked that nobody waits behind. */
export const restingPingMs = 10_000
/** How often a line is asked whose silence must be noticed within seconds; docs/benchmarks.md has what such pings cost a relay. */
export const urgentPingMs = 2_000
const tickMs = 1_000
const firstPingMs = 500
/** After a sleep, and after a ping that was missed, a line is more often dead than slow. */
const hurryMs = 2_500
/** A line that misses so many pings in a row is dead. */
const maxMissed = 2
/** So many others are suspected with a line that falls silent; a bot may have hundreds, and somebody who vanishes every second. */
const maxSuspected = 8
/** An answer that takes longer than both is late: what a lost packet costs, and what the line has taken before. */
const lateMs = 1_500
const lateRoundTrips = 4

/**
 * Pings every connection, each as often as it is worth: for the round trip that is shown, and because a line that died without a word (a laptop that
 * slept, a cable pulled, a frozen relay) must be found out. What does not answer in time is told at once, and others are asked too; what misses two
 * pings in a row is closed, and whoever owns it opens another.
 */
export class LineMonitor {
  readonly #options: LineMonitorOptions
  readonly #missed = new WeakMap<Connection, number>()
  readonly #roundTrips = new WeakMap<Connection, number>()
  readonly #asked = new WeakSet<Connection>()
  /** For how long they have not been asked. */
  readonly #waited = new WeakMap<Connection, number>()
  readonly #timeoutMs: number

  constructor(options: LineMonitorOptions) {
    this.#options = options
    this.#timeoutMs = options.timeoutMs ?? 8_000
    options.tasks.interval('ping', tickMs, () => this.#tick())
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

  /** Pings the lines to a peer that says that it has come anew: those that stood before answer no more, and one answer that fails to come is proof enough. */
  async checkTo(peer: string): Promise<void> {
    const lines = this.#options.connections().filter(({ remotePeer }) => remotePeer.toString() === peer)
    await Promise.all(lines.map(connection => this.#check(connection, this.#silentMs(connection), 1)))
  }

  #tick(): void {
    const { connections, tasks } = this.#options
    const everyMs = this.#pace()
    for (const connection of connections()) {
      const waitedMs = (this.#waited.get(connection) ?? 0) + tickMs
      this.#waited.set(connection, waitedMs)
      if (waitedMs >= everyMs(connection) && !this.#asked.has(connection))
        tasks.run('ping', () => this.#check(connection))
    }
  }

  /** What made one line silent may have taken others: those that are asked most often are asked now, unless they just were. */
  #checkOthers(silent: Connection): void {
    const { connections, tasks } = this.#options
    const everyMs = this.#pace()
    connections()
      .filter(each => each !== silent && !this.#asked.has(each) && (this.#waited.get(each) ?? 0) >= urgentPingMs)
      .toSorted((one, other) => everyMs(one) - everyMs(other))
      .slice(0, maxSuspected)
      .forEach(connection => void tasks.run('ping', () => this.#check(connection)))
  }

  #pace(): (connection: Connection) => number {
    return this.#options.pace?.() ?? (() => restingPingMs)
  }

  /** An answer that takes longer is late. */
  #silentMs(connection: Connection): number {
    return Math.max(lateMs, lateRoundTrips * (this.#roundTrips.get(connection) ?? 0))
  }

  async #check(connection: Connection, timeoutMs = this.#timeoutMs, missable = maxMissed): Promise<void> {
    if (connection.status !== 'open') return
    const { onRoundTrip, onSilent, ping = pingConnection, tasks } = this.#options
    const signal = AbortSignal.any([tasks.signal, AbortSignal.timeout(timeoutMs)])
    const silentMs = this.#silentMs(connection)
    const late = tasks.timeout('late', silentMs, () => {
      onSilent?.(connection, silentMs)
      this.#checkOthers(connection)
    })
    this.#asked.add(connection)
    this.#waited.set(connection, 0)
    try {
      const roundTripMs = await ping(connection, signal)
      this.#missed.delete(connection)
      this.#roundTrips.set(connection, roundTripMs)
      onRoundTrip(connection, roundTripMs)
    } catch (error) {
      if (tasks.isStopped || connection.status !== 'open') return
      // Whoever speaks but knows no ping is alive.
      if (error instanceof Error && error.name === 'UnsupportedProtocolError') return
      const missed = (this.#missed.get(connection) ?? 0) + 1
      this.#missed.set(connection, missed)
      if (missed >= missable) connection.abort(new Error('The line did not answer.'))
      // One that is suspected is asked again at once, and has less time: whoever plays over it waits.
      else await this.#check(connection, Math.min(timeoutMs, hurryMs))
    } finally {
      late.end()
      this.#asked.delete(connection)
    }
  }
}
