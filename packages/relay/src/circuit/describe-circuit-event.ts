import type { CircuitEvent } from './circuit-events.ts'

/** A line of a log. */
interface LogLine {
  readonly level: 'debug' | 'info'
  readonly message: string
  readonly fields: object
}

/**
 * One event as an operator reads it: circuits that are created, accepted, closed or fail at info, the rest at debug. Each line says what is
 * new, and the id binds them together; the last one stands for itself, with how it went before who it was. Requests that are refused
 * outright come as `refused` events too, which a log tells as warnings; told here at info as well, anybody could fill the disk.
 */
export function describeCircuitEvent(event: CircuitEvent, nowMs: number = Date.now()): LogLine {
  switch (event.type) {
    case 'circuit:created': {
      const { id, source, target, app, port } = event.circuit
      const fields = { id, source, target, app, ...(port !== null && { port }) }
      return { level: 'info', message: 'circuit created', fields }
    }
    case 'circuit:accepted': {
      const { id, createdAtMs } = event.circuit
      return { level: 'info', message: 'circuit accepted', fields: { id, afterMs: nowMs - createdAtMs } }
    }
    case 'circuit:closed': {
      const { id, createdAtMs, fromSource, fromTarget, source, target, app } = event.circuit
      const figures = { durationMs: nowMs - createdAtMs, fromSource, fromTarget }
      const fields = { id, reason: event.reason, ...figures, source, target, app }
      return { level: 'info', message: 'circuit closed', fields }
    }
    case 'circuit:failed': {
      const { circuit, type: _type, ...fields } = event
      if (circuit === undefined) return { level: 'debug', message: 'circuit refused', fields }
      return { level: 'info', message: 'circuit failed', fields: { id: circuit.id, ...fields } }
    }
    case 'reservation:created':
    case 'reservation:renewed':
    case 'reservation:ended':
    case 'reservation:refused':
    case 'circuit:swept': {
      const { type, ...fields } = event
      return { level: 'debug', message: type.replace(':', ' '), fields }
    }
  }
}
