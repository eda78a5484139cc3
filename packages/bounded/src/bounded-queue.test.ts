import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { BoundedQueue, type BoundedQueueStats, type OverflowPolicy } from './bounded-queue.ts'

describe('BoundedQueue', () => {
  it('gives out what came in, in order', async () => {
    const queue = new BoundedQueue<number>({ capacity: 4 })
    for (const item of [1, 2, 3]) expect(queue.push(item)).toBe('queued')
    queue.close()
    const seen: number[] = []
    for await (const item of queue) seen.push(item)
    expect(seen).toEqual([1, 2, 3])
  })

  it('hands an item straight to a waiting reader', async () => {
    const queue = new BoundedQueue<number>({ capacity: 1 })
    const next = queue.next()
    expect(queue.push(7)).toBe('queued')
    expect(queue.length).toBe(0)
    expect(await next).toEqual({ done: false, value: 7 })
  })

  it('drops the oldest when full', () => {
    const queue = new BoundedQueue<number>({ capacity: 2 })
    queue.push(1)
    queue.push(2)
    expect(queue.push(3)).toBe('dropped-oldest')
    expect([queue.shift(), queue.shift(), queue.shift()]).toEqual([2, 3, undefined])
    expect(queue.stats).toMatchObject({ accepted: 3, delivered: 2, dropped: 1, highWater: 2 })
  })

  it('drops the newest when told so', () => {
    const queue = new BoundedQueue<number>({ capacity: 1, overflow: 'drop-newest' })
    queue.push(1)
    expect(queue.push(2)).toBe('dropped')
    expect(queue.shift()).toBe(1)
  })

  it('drops only what may be dropped: the oldest of it, or the arriving one', () => {
    const queue = new BoundedQueue<string>({ capacity: 3, mayDrop: item => item.startsWith('presence') })
    for (const item of ['record 1', 'presence 1', 'record 2']) queue.push(item)
    expect(queue.push('record 3')).toBe('dropped-oldest')
    expect(queue.push('record 4')).toBe('dropped')
    expect([queue.shift(), queue.shift(), queue.shift()]).toEqual(['record 1', 'record 2', 'record 3'])
  })

  it('makes its writers wait, in order, when told so', async () => {
    const queue = new BoundedQueue<number>({ capacity: 2, overflow: 'wait' })
    expect(await queue.put(1)).toBe('queued')
    expect(await queue.put(2)).toBe('queued')
    expect(queue.push(9)).toBe('full')
    const third = queue.put(3)
    const fourth = queue.put(4)
    expect(queue.shift()).toBe(1)
    expect(await third).toBe('queued')
    expect(queue.shift()).toBe(2)
    expect(await fourth).toBe('queued')
    expect([queue.shift(), queue.shift()]).toEqual([3, 4])
    expect(queue.stats).toMatchObject({ accepted: 4, refused: 1, dropped: 0 })
  })

  it('refuses more waiting writers than it has places, and releases a writer by its signal or by closing', async () => {
    const queue = new BoundedQueue<number>({ capacity: 2, overflow: 'wait' })
    queue.push(1)
    queue.push(2)
    const controller = new AbortController()
    const aborted = queue.put(3, { signal: controller.signal })
    const closed = queue.put(4)
    expect(await queue.put(5)).toBe('full')
    controller.abort()
    expect(await aborted).toBe('full')
    queue.close()
    expect(await closed).toBe('closed')
    expect(queue.push(6)).toBe('closed')
  })

  it('releases waiting readers when it is closed, and reads what is left before it ends', async () => {
    const queue = new BoundedQueue<number>({ capacity: 2 })
    const waiting = queue.next()
    queue.close()
    queue.close()
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(await queue.next()).toEqual({ done: true, value: undefined })
  })

  it('forgets what is queued when closed with discard', async () => {
    const queue = new BoundedQueue<number>({ capacity: 2 })
    queue.push(1)
    queue.close({ discard: true })
    expect(await queue.next()).toEqual({ done: true, value: undefined })
    expect(queue.stats).toMatchObject({ length: 0, dropped: 1 })
  })

  it('keeps the rest when a for-await is left early', async () => {
    const queue = new BoundedQueue<number>({ capacity: 3 })
    for (const item of [1, 2, 3]) queue.push(item)
    for await (const item of queue) if (item === 1) break
    expect(queue.length).toBe(2)
    expect(queue.isClosed).toBe(false)
  })

  it('says once that its reader is slow by overflow, and again only after the reader caught up', () => {
    const slow: string[] = []
    const queue = new BoundedQueue<number>({ capacity: 2, onSlow: reason => slow.push(reason) })
    for (const item of [1, 2, 3, 4]) queue.push(item)
    expect(slow).toEqual(['overflow'])
    expect(queue.stats.isSlow).toBe(true)
    queue.shift()
    expect(queue.stats.isSlow).toBe(false)
    queue.push(5)
    queue.push(6)
    expect(slow).toEqual(['overflow', 'overflow'])
  })

  it('says that its reader is slow when it takes nothing for too long', () => {
    let now = 0
    const slow: [string, BoundedQueueStats][] = []
    const queue = new BoundedQueue<number>({
      capacity: 9,
      slowAfterMs: 100,
      now: () => now,
      onSlow: (...told) => slow.push(told),
    })
    queue.push(1)
    now = 100
    queue.push(2)
    expect(slow).toEqual([])
    now = 101
    queue.push(3)
    expect(slow.map(([reason]) => reason)).toEqual(['stalled'])
    expect(slow[0]?.[1]).toMatchObject({ length: 3, isSlow: true })
  })

  it('refuses a capacity that makes no sense', () => {
    for (const capacity of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => new BoundedQueue({ capacity })).toThrow(expect.objectContaining({ code: 'bounded/invalid-option' }))
    }
  })

  it('behaves like an array with a ceiling, whatever is done to it, and its counters add up', () => {
    const step = fc.oneof({ arbitrary: fc.nat(99), weight: 3 }, { arbitrary: fc.constant('shift' as const), weight: 2 })
    const policy = fc.constantFrom<OverflowPolicy>('drop-oldest', 'drop-newest', 'wait')
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        policy,
        fc.array(step, { maxLength: 200 }),
        (capacity, overflow, steps) => {
          const queue = new BoundedQueue<number>({ capacity, overflow })
          const model: number[] = []
          const pairs: [number | undefined, number | undefined][] = []
          for (const action of steps) {
            if (action === 'shift') pairs.push([queue.shift(), model.shift()])
            else {
              queue.push(action)
              if (model.length < capacity) model.push(action)
              else if (overflow === 'drop-oldest') {
                model.shift()
                model.push(action)
              }
            }
            expect(queue.length).toBe(model.length)
            expect(queue.length).toBeLessThanOrEqual(capacity)
          }
          expect(pairs.map(([actual]) => actual)).toEqual(pairs.map(([, expected]) => expected))
          const { accepted, delivered, dropped, refused, length } = queue.stats
          expect(accepted + (overflow === 'drop-newest' ? dropped : refused)).toBe(
            steps.filter(action => action !== 'shift').length,
          )
          expect(accepted - delivered - (overflow === 'drop-oldest' ? dropped : 0)).toBe(length)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('with selective dropping loses no item that may not be dropped unless nothing else is left', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.record({ id: fc.nat(), keep: fc.boolean() }), { maxLength: 100 }),
        (capacity, items) => {
          const queue = new BoundedQueue<{ id: number; keep: boolean }>({ capacity, mayDrop: item => !item.keep })
          const model: typeof items = []
          for (const item of items) {
            queue.push(item)
            if (model.length < capacity) model.push(item)
            else {
              const index = model.findIndex(({ keep }) => !keep)
              if (index !== -1) {
                model.splice(index, 1)
                model.push(item)
              }
            }
          }
          const left: typeof items = []
          for (let item = queue.shift(); item !== undefined; item = queue.shift()) left.push(item)
          expect(left).toEqual(model)
        },
      ),
      { numRuns: 200 },
    )
  })
})
