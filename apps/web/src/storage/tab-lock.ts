/**
 * A name that one tab holds at a time: so one tab acts for one seat. Held by Web Locks, which end with the tab; where
 * there are none (a page over plain http on a LAN), by a lease in localStorage that its holder renews.
 */
export interface TabLock {
  release(): void
}

/** Takes a name for this tab. */
export interface TabLocks {
  /**
   * @param waitMs - how long to wait for another holder to let go; 0 answers at once. A page that reloads must wait a
   *   moment for its former self.
   * @returns the lock, or null when somebody else holds the name
   */
  take(name: string, waitMs: number): Promise<TabLock | null>
}

/** Locks by the Web Locks API. */
export function createWebLocks(locks: LockManager): TabLocks {
  return {
    take(name, waitMs) {
      return new Promise(resolve => {
        const held = (lock: Lock | null): Promise<void> | undefined => {
          if (!lock) {
            resolve(null)
            return undefined
          }
          return new Promise(release => resolve({ release }))
        }
        const request =
          waitMs > 0
            ? locks.request(name, { signal: AbortSignal.timeout(waitMs) }, held)
            : locks.request(name, { ifAvailable: true }, held)
        request.catch(() => resolve(null))
      })
    },
  }
}

/** What a lease needs of its surroundings; tests bring their own. */
export interface LeaseSurroundings {
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  readonly now: () => number
  /** Names this tab among others. */
  readonly owner: string
  /** Calls back again and again until the returned function is called. */
  readonly every: (ms: number, callback: () => void) => () => void
  readonly wait: (ms: number) => Promise<void>
}

/** How long a lease holds without renewal, and how often it is renewed. Background tabs run timers once a second at most. */
export const lease = { holdsMs: 6_000, renewMs: 1_500 } as const

/** Locks by leases in localStorage. Two tabs that take a name in the same instant are told apart by reading it back. */
export function createLeaseLocks(surroundings: LeaseSurroundings): TabLocks {
  const { storage, now, owner, every, wait } = surroundings
  const keyOf = (name: string): string => `tsugi:lease:${name}`

  function holderOf(name: string): string | null {
    const text = storage.getItem(keyOf(name))
    const parts = text === null ? null : /^(\d+) (\S+)$/.exec(text)
    if (!parts || Number(parts[1]) <= now()) return null
    return parts[2] ?? null
  }

  function renew(name: string): void {
    storage.setItem(keyOf(name), `${now() + lease.holdsMs} ${owner}`)
  }

  return {
    async take(name, waitMs) {
      const until = now() + waitMs
      while (holderOf(name) !== null) {
        if (now() >= until) return null
        await wait(100)
      }
      renew(name)
      await wait(30)
      if (holderOf(name) !== owner) return null
      const stop = every(lease.renewMs, () => renew(name))
      return {
        release() {
          stop()
          if (holderOf(name) === owner) storage.removeItem(keyOf(name))
        },
      }
    },
  }
}
