import { afterEach, describe, expect, it, vi } from 'vitest'

import { type ChannelPort, type LockManagerPort, createChannelHolder, createLockHolder } from './slot-holder.ts'

/** Web Locks as they behave between the tabs of one origin. */
function fakeLocks(): LockManagerPort {
  const held = new Set<string>()
  const waiting: (() => void)[] = []
  const request = async (
    name: string,
    options: LockOptions,
    callback: (lock: Lock | null) => unknown,
  ): Promise<unknown> => {
    while (held.has(name)) {
      if (options.ifAvailable === true) return callback(null)
      await new Promise<void>((resolve, reject) => {
        waiting.push(resolve)
        options.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
      })
    }
    held.add(name)
    try {
      return await callback({ name, mode: 'exclusive' })
    } finally {
      held.delete(name)
      for (const wake of waiting.splice(0)) wake()
    }
  }
  return { request: request as never }
}

/** Tabs that hear each other, and the notes that they share. */
function fakeOrigin() {
  const listeners = new Set<(message: unknown) => void>()
  const noted = new Set<number>()
  const notes = {
    has: (slot: number) => noted.has(slot),
    add: (slot: number) => void noted.add(slot),
    remove: (slot: number) => void noted.delete(slot),
  }
  return {
    noted,
    open(tab: string) {
      let own: ((message: unknown) => void) | undefined
      const channel: ChannelPort = {
        send(message) {
          for (const listener of listeners) if (listener !== own) queueMicrotask(() => listener(message))
        },
        receive(listener) {
          own = listener
          listeners.add(listener)
        },
        close: () => void (own !== undefined && listeners.delete(own)),
      }
      return createChannelHolder(channel, tab, notes)
    },
  }
}

afterEach(() => {
  vi.useRealTimers()
})

describe('slots by Web Locks', () => {
  it('are held by one tab at a time, and free again when it lets go', async () => {
    const locks = fakeLocks()
    const [one, two] = [createLockHolder(locks), createLockHolder(locks)]
    const release = await one.take(0)
    expect(release).toBeTypeOf('function')
    expect(await two.take(0)).toBeUndefined()
    expect(await two.take(1)).toBeTypeOf('function')
    release?.()
    await vi.waitFor(async () => expect(await two.take(0)).toBeTypeOf('function'))
  })

  it('are waited for by a page that reloads, and not for ever by a tab that was duplicated', async () => {
    const locks = fakeLocks()
    const release = await createLockHolder(locks).take(0)
    const reloaded = createLockHolder(locks).take(0, 5_000)
    release?.()
    expect(await reloaded).toBeTypeOf('function')
    expect(await createLockHolder(locks).take(0, 1)).toBeUndefined()
  })
})

describe('slots by asking the other tabs', () => {
  async function take(holder: ReturnType<ReturnType<typeof fakeOrigin>['open']>, slot: number) {
    const taken = holder.take(slot)
    await vi.advanceTimersByTimeAsync(5_000)
    return taken
  }

  it('are held by one tab at a time, and free again when it lets go', async () => {
    vi.useFakeTimers()
    const origin = fakeOrigin()
    const [one, two] = [origin.open('one'), origin.open('two')]
    const release = await take(one, 0)
    expect(release).toBeTypeOf('function')
    expect(await take(two, 0)).toBeUndefined()
    expect(await take(two, 1)).toBeTypeOf('function')
    release?.()
    expect([...origin.noted]).toEqual([1])
    expect(await take(two, 0)).toBeTypeOf('function')
  })

  it('go to one of two tabs that ask in the same moment', async () => {
    vi.useFakeTimers()
    const origin = fakeOrigin()
    const both = Promise.all([origin.open('a').take(0), origin.open('b').take(0)])
    await vi.advanceTimersByTimeAsync(5_000)
    const [a, b] = await both
    expect(a).toBeTypeOf('function')
    expect(b).toBeUndefined()
  })

  it('are taken from a tab that crashed, which is asked for longer than nobody', async () => {
    vi.useFakeTimers()
    const origin = fakeOrigin()
    const crashed = origin.open('crashed')
    await take(crashed, 0)
    crashed[Symbol.dispose]()
    let taken: unknown
    void origin
      .open('next')
      .take(0)
      .then(release => (taken = release))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(taken).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(taken).toBeTypeOf('function')
  })

  it('are not given away by a message that is none', async () => {
    vi.useFakeTimers()
    const origin = fakeOrigin()
    const holder = origin.open('a')
    for (const message of [
      null,
      'claim',
      { kind: 'claim' },
      { kind: 'held', slot: '0', tab: 'x' },
      { kind: 'else', slot: 0, tab: 'x' },
    ]) {
      const channel = {
        send: vi.fn(),
        receive: (listener: (message: unknown) => void) => listener(message),
        close() {},
      }
      createChannelHolder(channel, 'b', { has: () => false, add() {}, remove() {} })
      expect(channel.send).not.toHaveBeenCalled()
    }
    expect(await take(holder, 0)).toBeTypeOf('function')
  })
})
