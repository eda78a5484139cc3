import type { RelayLogger } from '../relay-config.ts'
import type { CircuitEvent, CircuitRefusalReason } from './circuit-events.ts'

/** What nobody does by accident, or only with a peer that it does not know. */
const suspicious: ReadonlySet<CircuitRefusalReason> = new Set([
  'malformed',
  'unexpected-message',
  'over-a-circuit',
  'denied',
  'other-app',
  'to-itself',
  'no-reservation',
])

/** Writes one event where an operator reads: circuits at info, requests that should not have been made at warn, the rest at debug. */
export function logCircuitEvent(logger: RelayLogger, event: CircuitEvent): void {
  switch (event.type) {
    case 'circuit:created':
      logger.info({ ...event.circuit }, 'circuit created')
      break
    case 'circuit:accepted':
      logger.info({ ...event.circuit }, 'circuit accepted')
      break
    case 'circuit:closed':
      logger.info({ ...event.circuit, reason: event.reason }, 'circuit closed')
      break
    case 'circuit:failed': {
      const { circuit, type: _type, ...fields } = event
      const message = event.reason === 'no-reservation' ? 'circuit failed: unknown peer' : 'circuit failed'
      const all = { ...(circuit === undefined ? {} : { id: circuit.id }), ...fields }
      if (suspicious.has(event.reason)) logger.warn(all, message)
      else logger.info(all, message)
      break
    }
    case 'reservation:refused': {
      const { type: _type, ...fields } = event
      if (suspicious.has(event.reason)) logger.warn(fields, 'reservation refused')
      else logger.info(fields, 'reservation refused')
      break
    }
    case 'reservation:created':
    case 'reservation:renewed':
    case 'reservation:ended':
    case 'circuit:swept': {
      const { type, ...fields } = event
      logger.debug(fields, type.replace(':', ' '))
      break
    }
  }
}
