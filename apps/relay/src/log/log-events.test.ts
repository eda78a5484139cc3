import type { Logger } from 'pino'
import { expect, test } from 'vitest'

import { createEventLog } from './log-events.ts'

function setUp() {
  const lines: Array<[level: string, fields: object | string]> = []
  const clock = { now: 0 }
  const at = (level: string) => (fields: object | string) => void lines.push([level, fields])
  const log = { debug: at('debug'), info: at('info'), warn: at('warn') } as unknown as Logger
  return { lines, clock, write: createEventLog(log, () => clock.now) }
}

test('a refusal that keeps coming up is told once in ten seconds, with how often', () => {
  const { lines, clock, write } = setUp()
  for (let index = 0; index < 100; index += 1) write({ type: 'refused', reason: 'address/joins', detail: '192.0.2.1' })
  write({ type: 'refused', reason: 'message/rate' })
  clock.now += 10_000
  write({ type: 'refused', reason: 'address/joins', detail: '192.0.2.1' })
  expect(lines.map(([level, fields]) => [level, fields])).toEqual([
    ['warn', { reason: 'address/joins', detail: '192.0.2.1', count: 1 }],
    ['warn', { reason: 'message/rate', detail: undefined, count: 1 }],
    ['warn', { reason: 'address/joins', detail: '192.0.2.1', count: 100 }],
  ])
})

test('a socket that a browser opened in advance and never used is no warning', () => {
  const { lines, write } = setUp()
  write({ type: 'refused', reason: 'http/unused' })
  expect(lines).toEqual([])
})

test('comings and goings are for debugging, what an operator should know is not', () => {
  const { lines, write } = setUp()
  write({ type: 'peer:connect', peer: 'a' })
  write({ type: 'topic:join', topic: 't' })
  write({ type: 'listen:failed', transport: 'webrtc-direct', message: 'WebRTC-direct could not start' })
  write({ type: 'draining', reason: 'SIGTERM' })
  expect(lines.map(([level]) => level)).toEqual(['debug', 'debug', 'warn', 'info'])
})
