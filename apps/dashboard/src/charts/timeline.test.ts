import { describe, expect, test } from 'vitest'

import type { HistoryTable } from '../api/answers.ts'
import { refusalRates, refusalsOf, timelineOf } from './timeline.ts'

const history = (
  atMs: readonly number[],
  values: HistoryTable['values'],
  refusals: HistoryTable['refusals'] = [],
): HistoryTable => ({ windowMs: 60_000, stepMs: 10_000, atMs, values, refusals })

describe('what a chart shows', () => {
  test('is the history of the window, and what the page has seen since', () => {
    const line = timelineOf(
      history([10_000, 50_000, 60_000], { peers: [9, 1, 2] }),
      [
        { atMs: 59_000, values: { peers: 7 } },
        { atMs: 62_000, values: { peers: 3 } },
        { atMs: 99_000, values: { peers: 8 } },
      ],
      70_000,
    )
    expect(line).toEqual({ times: [50, 60, 62], values: { peers: [1, 2, 3] }, fromSeconds: 10, toSeconds: 70 })
  })

  test('B8: has a gap where the relay did not run, however short the history', () => {
    const line = timelineOf(history([20_000, 30_000, 60_000], { peers: [1, 2, 3] }), [], 70_000)
    expect(line.times).toEqual([20, 30, 30.001, 60])
    expect(line.values['peers']).toEqual([1, 2, null, 3])
    expect(timelineOf(history([], { peers: [] }), [], 70_000).times).toEqual([])
  })

  test('a figure that the page has not seen itself is missing there, and not zero', () => {
    const line = timelineOf(
      history([60_000], { peers: [1], older: [5] }),
      [{ atMs: 62_000, values: { peers: 2 } }],
      70_000,
    )
    expect(line.values['older']).toEqual([5, null])
  })
})

describe('refusals', () => {
  const table = history([10_000, 20_000], {}, [{ 'address/joins': 5, 'ban/peer': 1 }, { 'ban/peer': 20 }])

  test('are added up by reason, the most frequent first', () => {
    expect(refusalsOf(table)).toEqual([
      { reason: 'ban/peer', count: 21 },
      { reason: 'address/joins', count: 5 },
    ])
    expect(refusalsOf(history([], {}))).toEqual([])
  })

  test('become rates of one second', () => {
    expect(refusalRates(table, ['ban/peer', 'none']).values).toEqual({ 'ban/peer': [0.1, 2], none: [0, 0] })
  })
})
