import type { Stream } from '@libp2p/interface'
import type { Timers } from '@tsugi/bounded'

import { Bandwidth } from './bandwidth.ts'
import type { CircuitCloseReason, CircuitEvent } from './circuit-events.ts'
import type { CircuitLimits } from './circuit-limits.ts'
import { type CircuitRecord, CircuitTable } from './circuit-table.ts'
import { Splice } from './splice.ts'

/** What {@link OpenCircuits} needs. */
export interface OpenCircuitsOptions {
  readonly limits: CircuitLimits
  readonly timers: Timers
  readonly onEvent: (event: CircuitEvent) => void
  readonly onPacket: (bytes: number) => void
}

/** Every circuit from the moment it was asked for: its record, and the splice once both ends are joined. */
export class OpenCircuits {
  readonly table = new CircuitTable()
  readonly #options: OpenCircuitsOptions
  readonly #bandwidth: Bandwidth
  #besideBytes = 0
  readonly #splices = new Map<number, Splice>()
  /** How to give up circuits whose target has not answered, by id. */
  readonly #connecting = new Map<number, AbortController>()

  constructor(options: OpenCircuitsOptions) {
    this.#options = options
    this.#bandwidth = new Bandwidth(options.limits, options.timers)
  }

  /** Circuits whose ends are joined. */
  get joined(): number {
    return this.#splices.size
  }

  get bufferedBytes(): number {
    let bytes = 0
    for (const splice of this.#splices.values()) bytes += splice.bufferedBytes
    return bytes
  }

  /** See {@link Bandwidth.spendBeside}. */
  spendBeside(bytes: number): number {
    const waitMs = this.#bandwidth.spendBeside(bytes)
    if (waitMs === 0) this.#besideBytes += bytes
    return waitMs
  }

  /** What was spent beside circuits so far. */
  get besideBytes(): number {
    return this.#besideBytes
  }

  /** New rates for all circuits. */
  setLimits(limits: CircuitLimits): void {
    this.#bandwidth.setLimits(limits)
  }

  /**
   * Notes a circuit that was asked for.
   *
   * @param controller - aborted when the circuit is closed before it stands
   * @returns its id
   */
  begin(circuit: { source: string; target: string; app: string }, controller: AbortController): number {
    const id = this.table.add({ ...circuit, nowMs: this.#options.timers.now() })
    this.#connecting.set(id, controller)
    this.#emit('circuit:created', id)
    return id
  }

  /** Forgets a circuit that never stood; answers with its record. */
  giveUp(id: number): CircuitRecord | undefined {
    this.#connecting.delete(id)
    return this.#forget(id)
  }

  /** Joins the ends of a circuit. The limits are those that both ends were told. */
  join(id: number, source: Stream, target: Stream, limits: CircuitLimits): void {
    const { table } = this
    const { timers, onEvent, onPacket } = this.#options
    const record = table.get(id)
    this.#connecting.delete(id)
    if (record === undefined) return
    const splice = new Splice({
      source,
      target,
      sourcePeer: record.source,
      targetPeer: record.target,
      bandwidth: this.#bandwidth,
      maxBytesEachWay: limits.circuitBytes,
      maxDurationMs: limits.circuitDurationMs,
      maxBufferedBytes: limits.circuitBufferBytes,
      timers,
      onPacket: (isFromSource, bytes) => {
        table.count(id, isFromSource, bytes, timers.now())
        onPacket(bytes)
      },
      onEnding: () => table.setState(id, 'disconnecting'),
      onClosed: reason => {
        this.#splices.delete(id)
        const circuit = this.#forget(id)
        if (circuit !== undefined) onEvent({ type: 'circuit:closed', circuit, reason })
      },
    })
    this.#splices.set(id, splice)
    table.setState(id, 'connected')
    this.#emit('circuit:accepted', id)
    splice.start()
  }

  /**
   * Closes a circuit, delivering what was accepted; a banned peer's at once.
   *
   * @returns whether there was such a circuit
   */
  close(id: number, reason: CircuitCloseReason): boolean {
    const splice = this.#splices.get(id)
    if (splice === undefined) {
      const connecting = this.#connecting.get(id)
      connecting?.abort(new Error(`The circuit was closed: ${reason}.`))
      return connecting !== undefined
    }
    // What is closed for its memory has carried nothing for a while: what waits in it would wait on.
    if (reason === 'banned' || reason === 'overloaded') splice.abort(reason)
    else splice.close(reason)
    return true
  }

  closeOf(peer: string, reason: CircuitCloseReason): void {
    for (const id of this.table.ofPeer(peer)) this.close(id, reason)
  }

  /** Closes a peer's circuits that do not belong to an app. */
  closeOtherApps(peer: string, app: string): void {
    for (const id of this.table.ofPeer(peer)) if (this.table.get(id)?.app !== app) this.close(id, 'other-app')
  }

  /** Closes those that nobody used for so long; answers how many. */
  closeIdle(idleMs: number): number {
    if (!Number.isFinite(idleMs)) return 0
    let closed = 0
    for (const id of this.table.idleSince(this.#options.timers.now() - idleMs)) {
      if (!this.#splices.has(id)) continue
      this.close(id, 'idle')
      closed += 1
    }
    return closed
  }

  /** Resets all of them at once. */
  stop(): void {
    for (const splice of this.#splices.values()) splice.abort('stopped')
    this.#bandwidth.stop()
  }

  /** Takes a circuit out of the table; answers with its last figures. */
  #forget(id: number): CircuitRecord | undefined {
    const circuit = this.table.get(id)
    this.table.remove(id)
    return circuit === undefined ? undefined : { ...circuit, state: 'closed' }
  }

  #emit(type: 'circuit:created' | 'circuit:accepted', id: number): void {
    const circuit = this.table.get(id)
    if (circuit !== undefined) this.#options.onEvent({ type, circuit })
  }
}
