import { expect, test } from 'vitest'

import type { CircuitRecord } from './circuit-table.ts'
import { describeCircuitEvent } from './describe-circuit-event.ts'

const circuit: CircuitRecord = {
  id: 7,
  source: 'ann',
  target: 'ben',
  app: 'go',
  kind: 'circuit',
  state: 'connected',
  port: null,
  createdAtMs: 1_000,
  lastActiveAtMs: 4_000,
  fromSource: { packets: 3, bytes: 300 },
  fromTarget: { packets: 2, bytes: 200 },
}
const line = (event: Parameters<typeof describeCircuitEvent>[0]) =>
  JSON.stringify(describeCircuitEvent(event, 6_000).fields)

test('[B5] a line about a circuit holds what is new in it, the last one all that it came to, and who it was at the end', () => {
  expect(line({ type: 'circuit:created', circuit })).toBe('{"id":7,"source":"ann","target":"ben","app":"go"}')
  expect(line({ type: 'circuit:created', circuit: { ...circuit, port: 9 } })).toContain('"app":"go","port":9}')
  expect(line({ type: 'circuit:accepted', circuit })).toBe('{"id":7,"afterMs":5000}')
  expect(line({ type: 'circuit:closed', circuit, reason: 'idle' })).toBe(
    '{"id":7,"reason":"idle","durationMs":5000,"fromSource":{"packets":3,"bytes":300},"fromTarget":{"packets":2,"bytes":200},' +
      '"source":"ann","target":"ben","app":"go"}',
  )
})
