import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { ActivityDetector, silenceMs, smallBytes } from './activity-detector.ts'
import { idlePresetsMs } from './circuit-limits.ts'
import { CircuitTable } from './circuit-table.ts'

const second = 1_000
const minute = 60 * second
const hours = 3 * 60 * minute

interface Message {
  readonly atMs: number
  readonly bytes: number
  readonly isFromSource: boolean
}

/** What two ends send to see whether the other is there: each has its rhythm, and may be late now and then; each message has an answer. */
const keepAlives = fc
  .array(
    fc.record({
      everyMs: fc.integer({ min: 10 * second, max: 30 * second }),
      phaseMs: fc.integer({ min: 0, max: 30 * second }),
      lateMs: fc.array(fc.integer({ min: 0, max: 2 * second }), { minLength: 1, maxLength: 10 }),
      // One for yamux; several for a protocol that opens a stream.
      sizes: fc.array(fc.integer({ min: 1, max: smallBytes - 1 }), { minLength: 1, maxLength: 5 }),
      isFromSource: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map(rhythms => {
    const messages: Message[] = []
    for (const { everyMs, phaseMs, lateMs, sizes, isFromSource } of rhythms) {
      for (let turn = 0; turn * everyMs + phaseMs < hours; turn += 1) {
        const atMs = phaseMs + turn * everyMs + (lateMs[turn % lateMs.length] ?? 0)
        for (const bytes of sizes) {
          messages.push({ atMs, bytes, isFromSource }, { atMs: atMs + 50, bytes, isFromSource: !isFromSource })
        }
      }
    }
    return messages
  })

const preset = fc.constantFrom(...Object.values(idlePresetsMs))

/** Plays messages on a circuit that is swept every 10 s; answers with the time at which it is closed. */
function closedAt(messages: readonly Message[], idleMs: number): number | undefined {
  const table = new CircuitTable()
  const id = table.add({ source: 'a', target: 'b', app: 'default', nowMs: 0 })
  let sweepAt = 10 * second
  for (const { atMs, bytes, isFromSource } of messages.toSorted((a, b) => a.atMs - b.atMs)) {
    for (; sweepAt <= atMs; sweepAt += 10 * second) if (table.idleSince(sweepAt - idleMs).length > 0) return sweepAt
    table.count(id, isFromSource, bytes, atMs)
  }
  return undefined
}

describe('a circuit', () => {
  test('[B4] that is only kept alive is closed when its time is over, whatever the rhythms', () => {
    fc.assert(
      fc.property(keepAlives, preset, (messages, idleMs) => {
        const at = closedAt(messages, idleMs)
        expect(at).toBeGreaterThanOrEqual(idleMs)
        expect(at).toBeLessThanOrEqual(idleMs + 10 * second)
      }),
      { numRuns: 60 },
    )
  })

  test('[B4] of a game with one move of 200 bytes before each idle time is over is never closed, in one piece or two, kept alive or not', () => {
    const pauses = fc.array(fc.integer({ min: 1, max: 96 }), { minLength: 1, maxLength: 20 })
    const cut = fc.integer({ min: 0, max: 199 })
    fc.assert(
      fc.property(fc.option(keepAlives, { nil: [] }), preset, pauses, cut, (around, idleMs, percents, at) => {
        const moves: Message[] = []
        for (let atMs = 0, turn = 0; atMs < hours; turn += 1) {
          const pieces = at === 0 ? [200] : [at, 200 - at]
          for (const bytes of pieces) moves.push({ atMs, bytes, isFromSource: turn % 2 === 0 })
          atMs += (idleMs * (percents[turn % percents.length] ?? 1)) / 100
        }
        const lastMove = moves.at(-1)?.atMs ?? 0
        const messages = [...around.filter(each => each.atMs <= lastMove), ...moves]
        expect(closedAt(messages, idleMs)).toBeUndefined()
      }),
      { numRuns: 60 },
    )
  })

  test('[B4] of a game with one move of 200 bytes in four minutes, between two ends that ping, outlives every game', () => {
    const messages: Message[] = []
    for (let atMs = 0; atMs < hours; atMs += 30 * second) {
      for (const isFromSource of [true, false]) messages.push({ atMs, bytes: 30, isFromSource })
    }
    for (let atMs = 0; atMs < hours; atMs += 4 * minute) messages.push({ atMs, bytes: 200, isFromSource: true })
    expect(closedAt(messages, idlePresetsMs.normal)).toBeUndefined()
  })
})

describe('small messages are use', () => {
  const start = (): ActivityDetector => {
    const detector = new ActivityDetector()
    detector.grow(1)
    detector.begin(0, 0)
    return detector
  }

  test('after a silence in which keep-alives would have come', () => {
    const detector = start()
    expect(detector.isUse(0, 1, silenceMs - 1)).toBe(false)
    expect(detector.isUse(0, 1, 2 * silenceMs - 2)).toBe(false)
    expect(detector.isUse(0, 1, 3 * silenceMs - 2)).toBe(true)
  })

  test('when they are many: a game that sends its players’ keys', () => {
    const detector = start()
    const uses = Array.from({ length: 600 }, (_, turn) => detector.isUse(0, 40, turn * 50))
    expect(uses.slice(0, 80)).not.toContain(true)
    // In each span of 10 s some are.
    for (let from = 0; from < 600; from += 200) expect(uses.slice(from, from + 200)).toContain(true)
  })
})
