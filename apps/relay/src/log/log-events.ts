import { type MemoryLevel, type RelayEvent, describeCircuitEvent } from '@tsugi/relay'
import type { Logger } from 'pino'

import { createRefusalLog } from './refusal-log.ts'

const closingFlags = { 'webrtc-direct': '--udp-port', webtransport: '--webtransport-port' } as const

/** Writes a relay's events to the log. */
export function createEventLog(log: Logger, now: () => number = Date.now): (event: RelayEvent) => void {
  const refused = createRefusalLog(log, now)
  return event => {
    switch (event.type) {
      case 'peer:connect':
      case 'peer:disconnect':
        log.debug({ peer: event.peer }, event.type === 'peer:connect' ? 'peer connected' : 'peer disconnected')
        break
      case 'topic:join':
      case 'topic:leave':
        log.debug({ topic: event.topic }, event.type === 'topic:join' ? 'topic joined' : 'topic left')
        break
      case 'refused':
        // Every browser opens sockets in advance: counted, and no news.
        if (event.reason !== 'http/unused') refused(event.reason, event.detail)
        break
      case 'ban:added':
        log.info({ ban: event.ban }, `banned: ${event.ban.kind} ${event.ban.value}`)
        break
      case 'ban:removed':
        log.info({ ban: event.ban, reason: event.reason }, `ban ${event.reason}: ${event.ban.kind} ${event.ban.value}`)
        break
      case 'ban:unreadable':
        log.warn({ key: event.key }, 'a stored ban cannot be read and binds nobody')
        break
      case 'relay:joined':
      case 'relay:left':
        log.info({ peer: event.peer, relay: event.name }, event.type === 'relay:joined' ? 'relay met' : 'relay gone')
        break
      case 'relay:unreachable':
        log.debug({ relay: event.name, reason: event.reason, retryMs: event.retryMs }, 'relay out of reach')
        break
      case 'memory:level': {
        const { type: _, ...fields } = event
        log[memoryLogLevel(event)](fields, `memory: ${event.previous} → ${event.level}`)
        break
      }
      case 'memory:shed':
        log.warn({ circuits: event.circuits, peers: event.peers }, 'closed what was idlest, to make room in memory')
        break
      case 'memory:exhausted':
        log.error(
          { rssBytes: event.rssBytes, limitBytes: event.limitBytes },
          'memory ran out: the relay ends, with exit code 3',
        )
        break
      case 'limits:factor': {
        const { factor, previous, load } = event
        log.info({ factor, previous, load }, factor < previous ? 'limits tightened with the load' : 'limits relaxed')
        break
      }
      case 'listen:failed':
        log.warn({ transport: event.transport }, event.message)
        break
      case 'listen:unannounced':
        log.warn(
          { transport: event.transport, udpPort: event.udpPort },
          `${event.transport} is open and not announced, so nobody comes by it: add --announce ${event.missing}, or ${closingFlags[event.transport]} off`,
        )
        break
      case 'store:warning': {
        const { store, logs, bytes, used } = event
        log.warn(
          { store, logs, bytes },
          `the ${store} store is ${Math.round(used * 100)} % full: the oldest will leave`,
        )
        break
      }
      case 'draining':
        log.info({ reason: event.reason }, 'draining: no new peers')
        break
      case 'stopped':
        log.info('stopped')
        break
      case 'circuit:created':
      case 'circuit:accepted':
      case 'circuit:closed':
      case 'circuit:failed':
      case 'circuit:swept':
      case 'reservation:created':
      case 'reservation:renewed':
      case 'reservation:ended':
      case 'reservation:refused': {
        const { level, fields, message } = describeCircuitEvent(event)
        log[level](fields, message)
        break
      }
    }
  }
}

function memoryLogLevel({ level, previous }: { level: MemoryLevel; previous: MemoryLevel }): 'warn' | 'info' {
  return level === 'normal' || (level === 'warn' && previous === 'shed') ? 'info' : 'warn'
}
