import type { CircuitEvent } from './circuit-events.ts'

/** Counters since the service started. */
export interface CircuitTotals {
  readonly reservationsCreated: number
  readonly reservationsRenewed: number
  /** By reason. */
  readonly reservationsEnded: Readonly<Record<string, number>>
  /** Circuits that stood. */
  readonly circuitsAccepted: number
  /** By reason. */
  readonly circuitsClosed: Readonly<Record<string, number>>
  /** Refused reservations and failed circuits, by status on the wire. */
  readonly refusedByStatus: Readonly<Record<string, number>>
  /** The same, by our own reason. */
  readonly refusedByReason: Readonly<Record<string, number>>
  /** Of the circuits that have closed and those that are open, both ways. */
  readonly packets: number
  readonly bytes: number
}

/** Adds up what happens. */
export class CircuitCounters {
  #reservationsCreated = 0
  #reservationsRenewed = 0
  #circuitsAccepted = 0
  #packets = 0
  #bytes = 0
  readonly #reservationsEnded: Record<string, number> = {}
  readonly #circuitsClosed: Record<string, number> = {}
  readonly #refusedByStatus: Record<string, number> = {}
  readonly #refusedByReason: Record<string, number> = {}

  addPacket(bytes: number): void {
    this.#packets += 1
    this.#bytes += bytes
  }

  addEvent(event: CircuitEvent): void {
    switch (event.type) {
      case 'reservation:created':
        this.#reservationsCreated += 1
        break
      case 'reservation:renewed':
        this.#reservationsRenewed += 1
        break
      case 'reservation:ended':
        increment(this.#reservationsEnded, event.reason)
        break
      case 'reservation:refused':
      case 'circuit:failed':
        increment(this.#refusedByStatus, event.status)
        increment(this.#refusedByReason, event.reason)
        break
      case 'circuit:accepted':
        this.#circuitsAccepted += 1
        break
      case 'circuit:closed':
        increment(this.#circuitsClosed, event.reason)
        break
      case 'circuit:created':
      case 'circuit:swept':
        break
    }
  }

  totals(): CircuitTotals {
    return {
      reservationsCreated: this.#reservationsCreated,
      reservationsRenewed: this.#reservationsRenewed,
      reservationsEnded: { ...this.#reservationsEnded },
      circuitsAccepted: this.#circuitsAccepted,
      circuitsClosed: { ...this.#circuitsClosed },
      refusedByStatus: { ...this.#refusedByStatus },
      refusedByReason: { ...this.#refusedByReason },
      packets: this.#packets,
      bytes: this.#bytes,
    }
  }
}

function increment(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1
}
