import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { TopicTable } from './topic-table.ts'

const plain = { maxTopics: 100, maxTopicsPerPeer: 100, maxNameLength: 64, isServed: () => true }

describe('TopicTable', () => {
  test('the relay joins with the first guest and leaves with the last', () => {
    const table = new TopicTable(plain)
    expect(table.add('a', 't')).toEqual({ change: 'join' })
    expect(table.add('b', 't')).toEqual({ change: 'none' })
    expect(table.remove('a', 't')).toBe('none')
    expect(table.remove('b', 't')).toBe('leave')
    expect(table.size).toBe(0)
  })

  test('announcing or leaving twice changes nothing', () => {
    const table = new TopicTable(plain)
    table.add('a', 't')
    expect(table.add('a', 't')).toEqual({ change: 'none' })
    expect(table.remove('a', 't')).toBe('leave')
    expect(table.remove('a', 't')).toBe('none')
  })

  test('a guest that goes takes its topics along, but not those of others', () => {
    const table = new TopicTable(plain)
    table.add('a', 't1')
    table.add('a', 't2')
    table.add('b', 't2')
    expect(table.removeGuest('a')).toEqual(['t1'])
    expect([...table.topics()]).toEqual(['t2'])
  })

  test('relayTopics: a topic beyond the ceiling is refused, a guest more on a known one is not', () => {
    const table = new TopicTable({ ...plain, maxTopics: 1 })
    table.add('a', 't1')
    expect(table.add('a', 't2')).toEqual({ refused: 'topic/relay-limit' })
    expect(table.add('b', 't1')).toEqual({ change: 'none' })
    table.removeGuest('a')
    table.removeGuest('b')
    expect(table.add('a', 't2')).toEqual({ change: 'join' })
  })

  test('one guest cannot take all topics', () => {
    const table = new TopicTable({ ...plain, maxTopicsPerPeer: 2 })
    table.add('a', 't1')
    table.add('a', 't2')
    expect(table.add('a', 't3')).toEqual({ refused: 'topic/peer-limit' })
    expect(table.add('b', 't3')).toEqual({ change: 'join' })
  })

  test('topics that are not served, or have too long a name, are refused', () => {
    const table = new TopicTable({ ...plain, isServed: topic => topic.startsWith('/ours/') })
    expect(table.add('a', '/theirs/t')).toEqual({ refused: 'topic/app' })
    expect(table.add('a', `/ours/${'x'.repeat(80)}`)).toEqual({ refused: 'topic/name-too-long' })
  })

  test('holds exactly the topics that have a guest, whatever comes in whatever order', () => {
    const step = fc.record({
      guest: fc.constantFrom('a', 'b', 'c'),
      topic: fc.constantFrom('t1', 't2', 't3', 't4'),
      what: fc.constantFrom('add', 'remove', 'gone'),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const table = new TopicTable({ ...plain, maxTopics: 3, maxTopicsPerPeer: 2 })
        const joined = new Set<string>()
        for (const { guest, topic, what } of steps) {
          if (what === 'gone') for (const left of table.removeGuest(guest)) joined.delete(left)
          if (what === 'remove' && table.remove(guest, topic) === 'leave') joined.delete(topic)
          if (what === 'add') {
            const answer = table.add(guest, topic)
            if ('change' in answer && answer.change === 'join') joined.add(topic)
          }
          expect(new Set(table.topics())).toEqual(joined)
          expect(table.size).toBeLessThanOrEqual(3)
          for (const each of joined) expect(table.guests(each).size).toBeGreaterThan(0)
        }
      }),
      { numRuns: 200 },
    )
  })
})
