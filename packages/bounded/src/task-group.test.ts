import { describe, expect, it, vi } from 'vitest'

import type { Timers } from './system-timers.ts'
import { TaskGroup } from './task-group.ts'

/** Time that passes only when told to. */
class ManualTimers implements Timers {
  time = 0
  readonly pending = new Map<number, { at: number; callback: () => void }>()
  #next = 0

  now(): number {
    return this.time
  }

  setTimeout(callback: () => void, delayMs: number): number {
    this.pending.set((this.#next += 1), { at: this.time + delayMs, callback })
    return this.#next
  }

  clearTimeout(handle: unknown): void {
    this.pending.delete(handle as number)
  }

  advance(ms: number): void {
    const until = this.time + ms
    for (;;) {
      const due = [...this.pending].filter(([, { at }]) => at <= until).toSorted(([, a], [, b]) => a.at - b.at)[0]
      if (due === undefined) break
      this.pending.delete(due[0])
      this.time = due[1].at
      due[1].callback()
    }
    this.time = until
  }
}

function group(capacity?: number) {
  const timers = new ManualTimers()
  const errors: string[] = []
  const tasks = new TaskGroup({
    name: 'test',
    timers,
    onError: (error, name) => errors.push(`${name}: ${String(error)}`),
    ...(capacity !== undefined && { capacity }),
  })
  return { timers, errors, tasks }
}

describe('TaskGroup', () => {
  it('counts a timer until it has fired', () => {
    const { timers, tasks } = group()
    const fired = vi.fn()
    tasks.timeout('once', 10, fired)
    expect(tasks.list()).toEqual([{ name: 'test/once', kind: 'timeout', since: 0 }])
    timers.advance(10)
    expect(fired).toHaveBeenCalledOnce()
    expect(tasks.size).toBe(0)
  })

  it('repeats an interval until it is ended', () => {
    const { timers, tasks } = group()
    const tick = vi.fn()
    const handle = tasks.interval('tick', 10, tick)
    timers.advance(35)
    expect(tick).toHaveBeenCalledTimes(3)
    handle.end()
    handle.end()
    expect(handle.isActive).toBe(false)
    timers.advance(100)
    expect(tick).toHaveBeenCalledTimes(3)
    expect(timers.pending.size).toBe(0)
  })

  it('never runs an interval twice at once', async () => {
    const { timers, tasks } = group()
    const { promise, resolve } = Promise.withResolvers<void>()
    const tick = vi.fn(() => promise)
    tasks.interval('slow', 10, tick)
    timers.advance(50)
    expect(tick).toHaveBeenCalledTimes(1)
    resolve()
    await vi.waitFor(() => expect(timers.pending.size).toBe(1))
    timers.advance(10)
    expect(tick).toHaveBeenCalledTimes(2)
  })

  it('ends timers, listeners and resources when it stops, the newest first', async () => {
    const { timers, tasks } = group()
    const target = new EventTarget()
    const heard = vi.fn()
    const order: string[] = []
    tasks.timeout('later', 10, heard)
    tasks.listen('ping', target, 'ping', heard)
    tasks.own('first', () => void order.push('first'))
    tasks.own('second', () => void order.push('second'))
    expect(tasks.size).toBe(4)
    await tasks.stop()
    timers.advance(100)
    target.dispatchEvent(new Event('ping'))
    expect(heard).not.toHaveBeenCalled()
    expect(order).toEqual(['second', 'first'])
    expect(tasks.size).toBe(0)
    expect(timers.pending.size).toBe(0)
  })

  it('tells running work to end, and waits for it', async () => {
    const { tasks } = group()
    const events: string[] = []
    tasks.run('work', async signal => {
      await new Promise(resolve => signal.addEventListener('abort', resolve))
      await Promise.resolve()
      events.push('work ended')
    })
    await tasks.stop().then(() => events.push('stopped'))
    expect(events).toEqual(['work ended', 'stopped'])
    expect(tasks.size).toBe(0)
  })

  it('waits for resources that close asynchronously', async () => {
    const { tasks } = group()
    let isClosed = false
    tasks.own('socket', async () => {
      await Promise.resolve()
      isClosed = true
    })
    await tasks.stop()
    expect(isClosed).toBe(true)
  })

  it('starts nothing after it stopped, and closes what comes too late', async () => {
    const { timers, tasks } = group()
    await tasks.stop()
    const called = vi.fn()
    const closed = vi.fn()
    tasks.timeout('t', 1, called)
    tasks.interval('i', 1, called)
    tasks.run('r', called)
    tasks.own('o', closed)
    const child = tasks.child('late')
    child.timeout('t', 1, called)
    timers.advance(10)
    expect(called).not.toHaveBeenCalled()
    expect(closed).toHaveBeenCalledOnce()
    expect(tasks.size + child.size).toBe(0)
    expect(await tasks.sleep('s', 5)).toBe(false)
  })

  it('ends its children, and forgets a child that ended before', async () => {
    const { tasks } = group()
    const closed: string[] = []
    const early = tasks.child('early')
    const late = tasks.child('late')
    early.own('x', () => void closed.push('early'))
    late.own('x', () => void closed.push('late'))
    expect(tasks.list().map(({ name }) => name)).toEqual(['test/early/x', 'test/late/x'])
    await early.stop()
    expect(tasks.size).toBe(1)
    await tasks.stop()
    expect(closed).toEqual(['early', 'late'])
    expect(late.signal.aborted).toBe(true)
  })

  it('sleeps, and wakes early when it stops or the signal aborts', async () => {
    const { timers, tasks } = group()
    const full = tasks.sleep('full', 10)
    const controller = new AbortController()
    const cut = tasks.sleep('cut', 10_000, controller.signal)
    const stopped = tasks.sleep('stopped', 10_000)
    timers.advance(10)
    expect(await full).toBe(true)
    controller.abort()
    expect(await cut).toBe(false)
    await tasks.stop()
    expect(await stopped).toBe(false)
    expect(timers.pending.size).toBe(0)
  })

  it('reports what a task throws and goes on', async () => {
    const { timers, errors, tasks } = group()
    tasks.timeout('sync', 1, () => {
      throw new Error('one')
    })
    tasks.run('async', () => Promise.reject(new Error('two')))
    tasks.own('close', () => {
      throw new Error('three')
    })
    timers.advance(1)
    await tasks.stop()
    expect(errors).toEqual(['test/sync: Error: one', 'test/async: Error: two', 'test/close: Error: three'])
    expect(tasks.failures).toBe(3)
  })

  it('refuses to grow without end', () => {
    const { tasks } = group(2)
    tasks.own('1', () => {})
    tasks.own('2', () => {})
    expect(() => tasks.own('3', () => {})).toThrow(expect.objectContaining({ code: 'bounded/too-many-tasks' }))
  })

  it('leaves nothing when work stops its own group at once', async () => {
    const { tasks } = group()
    tasks.run('suicidal', async () => void tasks.stop())
    await tasks.stop()
    expect(tasks.size).toBe(0)
  })

  it('uses the runtime’s timers by default', async () => {
    const tasks = new TaskGroup()
    expect(await tasks.sleep('short', 1)).toBe(true)
    await tasks[Symbol.asyncDispose]()
    expect(tasks.isStopped).toBe(true)
  })
})
