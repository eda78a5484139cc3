import { describe, expect, it } from 'vitest'

import { type LeaseSurroundings, createLeaseLocks, createWebLocks, lease } from './tab-lock.ts'

/** Several tabs over one localStorage and one clock, which moves only when somebody waits. */
function machine() {
  const items = new Map<string, string>()
  let now = 1_000
  const timers = new Set<{ readonly ms: number; due: number; readonly callback: () => void }>()
  const pass = (ms: number): void => {
    const until = now + ms
    for (;;) {
      const next = [...timers].filter(timer => timer.due <= until).sort((a, b) => a.due - b.due)[0]
      if (!next) break
      now = next.due
      next.due += next.ms
      next.callback()
    }
    now = until
  }
  const tab = (owner: string): LeaseSurroundings => ({
    storage: {
      getItem: key => items.get(key) ?? null,
      setItem: (key, value) => void items.set(key, value),
      removeItem: key => void items.delete(key),
    },
    now: () => now,
    owner,
    every(ms, callback) {
      const timer = { ms, due: now + ms, callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    wait(ms) {
      pass(ms)
      return Promise.resolve()
    },
  })
  return { tab, pass, timers }
}

describe('leases', () => {
  it('one tab holds a name at a time, for as long as it lives', async () => {
    const { tab, pass } = machine()
    expect(await createLeaseLocks(tab('a')).take('seat', 0)).not.toBeNull()
    pass(10 * lease.holdsMs)
    expect(await createLeaseLocks(tab('b')).take('seat', 0)).toBeNull()
    expect(await createLeaseLocks(tab('b')).take('other', 0)).not.toBeNull()
  })

  it('a name that was let go is free at once', async () => {
    const { tab, timers } = machine()
    const held = await createLeaseLocks(tab('a')).take('seat', 0)
    held?.release()
    expect(timers.size).toBe(0)
    expect(await createLeaseLocks(tab('b')).take('seat', 0)).not.toBeNull()
  })

  it('a tab that crashed loses its name when the lease ends', async () => {
    const { tab, timers, pass } = machine()
    await createLeaseLocks(tab('a')).take('seat', 0)
    timers.clear()
    pass(lease.holdsMs + 1)
    expect(await createLeaseLocks(tab('b')).take('seat', 0)).not.toBeNull()
  })

  it('a duplicated tab, which remembers the same things, does not get the same name', async () => {
    const { tab } = machine()
    await createLeaseLocks(tab('a')).take('seat', 0)
    expect(await createLeaseLocks(tab('a')).take('seat', 0)).toBeNull()
  })

  it('waits for a name as long as it is told', async () => {
    const { tab, timers } = machine()
    await createLeaseLocks(tab('a')).take('seat', 0)
    timers.clear()
    expect(await createLeaseLocks(tab('b')).take('seat', lease.holdsMs + 500)).not.toBeNull()
  })
})

it('Web Locks: the second tab is told at once that the name is taken', async () => {
  const locks = createWebLocks(navigator.locks)
  const held = await locks.take('tab-lock-test', 0)
  expect(held).not.toBeNull()
  expect(await locks.take('tab-lock-test', 0)).toBeNull()
  const waiting = locks.take('tab-lock-test', 10_000)
  held?.release()
  const next = await waiting
  expect(next).not.toBeNull()
  next?.release()
})
