import type { CircuitEvent } from './circuit-events.ts'

/** A line of a log. */
interface LogLine {
  readonly level: 'debug' | 'info'
  readonly message: string
  readonly fields: object
}

/**
 * One event as an operator reads it: circuits that are created, accepted, closed or fail at info, the rest at debug. Requests that are
 * refused outright come as `refused` events too, which a log tells as warnings; told here at info as well, anybody could fill the disk.
 */
export function describeCircuitEvent(event: CircuitEvent): LogLine {
  switch (event.type) {
    case 'circuit:created':
      return { level: 'info', message: 'circuit created', fields: { ...event.circuit } }
    case 'circuit:accepted':
      return { level: 'info', message: 'circuit accepted', fields: { ...event.circuit } }
    case 'circuit:closed':
      return { level: 'info', message: 'circuit closed', fields: { ...event.circuit, reason: event.reason } }
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
