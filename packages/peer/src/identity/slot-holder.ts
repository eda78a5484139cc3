/** Holds numbered slots so that no two tabs hold the same one. */
export interface SlotHolder {
  /**
   * Takes a slot if it is free.
   *
   * @param patienceMs - how long to wait for whoever may be about to leave it
   * @returns how to give it back, or `undefined` when somebody holds it
   */
  take(slot: number, patienceMs?: number): Promise<(() => void) | undefined>
}

/** What of `navigator.locks` is used. */
export type LockManagerPort = Pick<LockManager, 'request'>

/** Slots held by Web Locks: the browser gives them back when the tab goes, however it goes. */
export function createLockHolder(locks: LockManagerPort, prefix = 'tsugi/identity'): SlotHolder {
  return {
    async take(slot, patienceMs = 0) {
      const name = `${prefix}/${slot}`
      return (
        (await request(locks, name, { ifAvailable: true })) ??
        (patienceMs > 0 ? waitFor(locks, name, patienceMs) : undefined)
      )
    },
  }
}

async function waitFor(locks: LockManagerPort, name: string, patienceMs: number): Promise<(() => void) | undefined> {
  try {
    return await request(locks, name, { signal: AbortSignal.timeout(patienceMs) })
  } catch {
    return undefined // it stays taken
  }
}

function request(locks: LockManagerPort, name: string, options: LockOptions): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    locks
      .request(name, options, lock => {
        if (lock === null) {
          resolve(undefined)
          return undefined
        }
        // The lock is held for as long as this promise is open.
        const { promise, resolve: release } = Promise.withResolvers<void>()
        resolve(release)
        return promise
      })
      .catch(reject)
  })
}

/** The tabs of this origin, as one of them reaches the others. */
export interface ChannelPort {
  send(message: unknown): void
  receive(listener: (message: unknown) => void): void
  close(): void
}

/** The browser's own channel. */
export function openBroadcastChannel(name: string): ChannelPort {
  const channel = new BroadcastChannel(name)
  return {
    // A channel has no target origin: it never leaves its own.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    send: message => channel.postMessage(message),
    receive: listener => channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => listener(data)),
    close: () => channel.close(),
  }
}

interface SlotMessage {
  readonly kind: 'claim' | 'held'
  readonly slot: number
  readonly tab: string
}

/** Notes of who holds what, which outlive a tab that crashed. */
export interface SlotNotes {
  has(slot: number): boolean
  add(slot: number): void
  remove(slot: number): void
}

/** Nobody is known to hold the slot: only a tab that asks in the same moment could. */
const answerMs = 200
/** Somebody held it, and has gone without a word or is very busy. */
const patientAnswerMs = 1_500

/**
 * Slots held by asking the other tabs, for origins that are not secure and so have no Web Locks. Messages between tabs are not slowed
 * down in the background as timers are. When two tabs ask for one slot at once, the one whose name comes first gets it.
 */
export function createChannelHolder(channel: ChannelPort, tab: string, notes: SlotNotes): SlotHolder & Disposable {
  const held = new Set<number>()
  const claiming = new Map<number, () => void>()
  channel.receive(data => {
    const message = parseSlotMessage(data)
    if (message === undefined || message.tab === tab) return
    if (message.kind === 'held') claiming.get(message.slot)?.()
    else if (held.has(message.slot) || (claiming.has(message.slot) && tab < message.tab)) {
      channel.send({ kind: 'held', slot: message.slot, tab })
    }
  })
  const isFree = async (slot: number): Promise<boolean> => {
    const isTaken = await new Promise<boolean>(resolve => {
      const timer = setTimeout(() => resolve(false), notes.has(slot) ? patientAnswerMs : answerMs)
      claiming.set(slot, () => {
        clearTimeout(timer)
        resolve(true)
      })
      channel.send({ kind: 'claim', slot, tab })
    })
    claiming.delete(slot)
    return !isTaken
  }
  return {
    async take(slot, patienceMs = 0) {
      const until = Date.now() + patienceMs
      do {
        if (await isFree(slot)) {
          held.add(slot)
          notes.add(slot)
          return () => {
            held.delete(slot)
            notes.remove(slot)
          }
        }
        await new Promise(resolve => setTimeout(resolve, Math.min(answerMs, patienceMs)))
      } while (Date.now() < until)
      return undefined
    },
    [Symbol.dispose]: () => channel.close(),
  }
}

/** Notes in the storage that the tabs of an origin share; where it is forbidden, none. */
export function createStoredNotes(prefix = 'tsugi/identity-held'): SlotNotes {
  const attempt = <T>(work: (storage: Storage) => T): T | undefined => {
    try {
      return globalThis.localStorage === undefined ? undefined : work(globalThis.localStorage)
    } catch {
      return undefined
    }
  }
  return {
    has: slot => attempt(storage => storage.getItem(`${prefix}/${slot}`)) === '1',
    add: slot => attempt(storage => storage.setItem(`${prefix}/${slot}`, '1')),
    remove: slot => attempt(storage => storage.removeItem(`${prefix}/${slot}`)),
  }
}

function parseSlotMessage(data: unknown): SlotMessage | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const { kind, slot, tab } = data as Partial<Record<keyof SlotMessage, unknown>>
  if ((kind !== 'claim' && kind !== 'held') || typeof slot !== 'number' || typeof tab !== 'string') return undefined
  return { kind, slot, tab }
}
