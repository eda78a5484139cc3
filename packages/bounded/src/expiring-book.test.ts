import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ExpiringBook, type RemovalReason } from './expiring-book.ts'

function book(capacity: number, ttlMs = 100) {
  const clock = { now: 0 }
  const left: [string, RemovalReason][] = []
  const entries = new ExpiringBook<string, number>({
    capacity,
    ttlMs,
    now: () => clock.now,
    onRemove: (key, _, reason) => left.push([key, reason]),
  })
  return { clock, left, entries }
}

interface Action {
  key: number
  kind: string
  now: number
  capacity: number
  open: Map<number, number>
}

/** Does the same to the book and to the model; answers what each said. */
function apply(entries: ExpiringBook<number, number>, seen: Map<number, number>, action: Action): [boolean, boolean] {
  const { key, kind, now, capacity, open } = action
  if (kind === 'touch') {
    const actual = entries.touch(key)
    const expected = seen.delete(key)
    if (expected) seen.set(key, now)
    return [actual, expected]
  }
  if (kind === 'remove') return [entries.remove(key), seen.delete(key)]
  if (kind === 'get') return [entries.has(key), seen.has(key)]
  if (kind === 'sweep') entries.sweep()
  else {
    if (!entries.has(key)) open.set(key, (open.get(key) ?? 0) + 1)
    entries.set(key, now)
    seen.delete(key)
    seen.set(key, now)
    for (const oldest of seen.keys()) if (seen.size > capacity) seen.delete(oldest)
  }
  return [true, true]
}

describe('ExpiringBook', () => {
  it('shows an entry until its time is over, swept or not', () => {
    const { clock, left, entries } = book(9)
    entries.set('a', 1)
    clock.now = 99
    expect(entries.get('a')).toBe(1)
    clock.now = 100
    expect(entries.get('a')).toBeUndefined()
    expect(left).toEqual([['a', 'expired']])
  })

  it('counts setting and touching as seen, reading not', () => {
    const { clock, entries } = book(9)
    for (const key of ['read', 'touched', 'set']) entries.set(key, 1)
    clock.now = 50
    entries.get('read')
    expect(entries.touch('touched')).toBe(true)
    entries.set('set', 2)
    clock.now = 100
    expect(entries.keys()).toEqual(['touched', 'set'])
    expect(entries.touch('read')).toBe(false)
    expect(entries.seenAt('touched')).toBe(50)
  })

  it('lets the least recently seen leave first when it is full', () => {
    const { left, entries } = book(2)
    entries.set('a', 1)
    entries.set('b', 2)
    entries.touch('a')
    entries.set('c', 3)
    expect(entries.keys()).toEqual(['a', 'c'])
    expect(left).toEqual([['b', 'evicted']])
  })

  it('lets what has ended leave before anything that lives', () => {
    const { clock, left, entries } = book(2)
    entries.set('a', 1)
    clock.now = 60
    entries.set('b', 2)
    clock.now = 120
    entries.set('c', 3)
    expect(left).toEqual([['a', 'expired']])
    expect(entries.keys()).toEqual(['b', 'c'])
  })

  it('removes one, many, by a test, and all, and says why', () => {
    const { left, entries } = book(9)
    for (const [index, key] of ['a', 'b', 'c', 'd', 'e'].entries()) entries.set(key, index)
    expect(entries.remove('a')).toBe(true)
    expect(entries.remove('a')).toBe(false)
    expect(entries.removeMany(['b', 'x'])).toBe(1)
    expect(entries.removeWhere((_, value) => value === 2)).toBe(1)
    entries.clear()
    expect(left.map(([key, reason]) => `${key} ${reason}`)).toEqual([
      'a removed',
      'b removed',
      'c removed',
      'd cleared',
      'e cleared',
    ])
    expect(entries.size).toBe(0)
  })

  it('sweeps only what has ended', () => {
    const { clock, entries } = book(9)
    entries.set('a', 1)
    clock.now = 30
    entries.set('b', 2)
    clock.now = 110
    expect(entries.sweep()).toBe(1)
    expect(entries.size).toBe(1)
    expect(entries.sweep(1_000)).toBe(1)
    expect(entries.stats).toMatchObject({ size: 0, expired: 2, evicted: 0 })
  })

  it('keeps its order when the clock jumps back', () => {
    const { clock, left, entries } = book(2)
    clock.now = 1_000
    entries.set('a', 1)
    clock.now = 950
    entries.set('b', 2)
    entries.set('c', 3)
    expect(left).toEqual([['a', 'evicted']])
    clock.now = 1_100
    expect(entries.sweep()).toBe(2)
  })

  it('may be changed by whoever hears that an entry left', () => {
    const entries: ExpiringBook<number, number> = new ExpiringBook({
      capacity: 2,
      ttlMs: 10,
      now: () => 0,
      onRemove: key => entries.remove(key + 1),
    })
    for (const key of [1, 2, 3]) entries.set(key, key)
    expect(entries.keys()).toEqual([])
  })

  it('never outgrows its ceiling, and every entry that came leaves exactly once', () => {
    const action = fc.record({
      key: fc.nat(30),
      kind: fc.constantFrom('set', 'touch', 'remove', 'sweep', 'get'),
      waitMs: fc.nat(40),
    })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), fc.array(action, { maxLength: 200 }), (capacity, actions) => {
        let now = 0
        const seen = new Map<number, number>() // the model: key → when last seen
        const open = new Map<number, number>() // key → how many of its entries came and have not left
        const entries = new ExpiringBook<number, number>({
          capacity,
          ttlMs: 100,
          now: () => now,
          onRemove: key => open.set(key, (open.get(key) ?? 0) - 1),
        })
        for (const { key, kind, waitMs } of actions) {
          now += waitMs
          for (const [other, at] of seen) if (now - at >= 100) seen.delete(other)
          const [actual, expected] = apply(entries, seen, { key, kind, now, capacity, open })
          expect(actual).toBe(expected)
          expect(entries.size).toBeLessThanOrEqual(capacity)
          expect(entries.keys()).toEqual([...seen.keys()])
        }
        entries.clear()
        expect([...open.values()].every(count => count === 0)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})
