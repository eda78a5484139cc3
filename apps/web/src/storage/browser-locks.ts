import { randomText } from './random-text.ts'
import { type TabLocks, createLeaseLocks, createWebLocks } from './tab-lock.ts'

/** The tab locks that this browser can offer on this origin. */
export function browserLocks(): TabLocks {
  if (typeof navigator !== 'undefined' && 'locks' in navigator && navigator.locks)
    return createWebLocks(navigator.locks)
  const locks = createLeaseLocks({
    storage: localStorage,
    now: () => Date.now(),
    owner: randomText(12),
    every(ms, callback) {
      const timer = setInterval(callback, ms)
      return () => clearInterval(timer)
    },
    wait: ms => new Promise(resolve => setTimeout(resolve, ms)),
  })
  return {
    async take(name, waitMs) {
      const lock = await locks.take(name, waitMs)
      if (lock) addEventListener('pagehide', () => lock.release(), { once: true })
      return lock
    },
  }
}
