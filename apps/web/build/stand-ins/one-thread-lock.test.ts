import { describe, expect, it } from 'vitest'

import createLock from './one-thread-lock.ts'

/** Notes when each lock is given. */
function follow(locks: readonly Promise<() => void>[]): boolean[] {
  const given = locks.map(() => false)
  for (const [index, lock] of locks.entries()) void lock.then(() => (given[index] = true))
  return given
}

const settle = (): Promise<unknown> => new Promise(resolve => setImmediate(resolve))

describe('the lock of the page’s peer store', () => {
  it('lets readers share, and writers take turns in the order in which they asked', async () => {
    const lock = createLock()
    const locks = [lock.readLock(), lock.readLock(), lock.writeLock(), lock.readLock(), lock.writeLock()] as const
    const given = follow(locks)
    await settle()
    expect(given).toEqual([true, true, false, false, false])
    ;(await locks[1])()
    await settle()
    expect(given).toEqual([true, true, false, false, false])
    ;(await locks[0])()
    await settle()
    expect(given).toEqual([true, true, true, false, false])
    ;(await locks[2])()
    await settle()
    expect(given).toEqual([true, true, true, true, false])
    ;(await locks[3])()
    await settle()
    expect(given).toEqual([true, true, true, true, true])
  })

  it('passes the turn of one who no longer waits on to the next', async () => {
    const lock = createLock()
    const release = await lock.writeLock()
    const impatient = lock.writeLock({ signal: AbortSignal.abort(new Error('no longer')) })
    const next = lock.writeLock()
    release()
    await expect(impatient).rejects.toThrow('no longer')
    expect(await next).toBeTypeOf('function')
  })
})
