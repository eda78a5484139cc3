// Stands in for mortice, a lock across workers and processes. The peer store of a page is used by one thread; what remains is that readers
// share and writers take turns, in the order in which they asked.

interface LockOptions {
  readonly signal?: AbortSignal
}

interface Turn {
  readonly isRead: boolean
  readonly begun: Promise<void>
  readonly ended: Promise<unknown>
}

class OneThreadLock {
  #last: Turn = { isRead: false, begun: Promise.resolve(), ended: Promise.resolve() }

  readLock(options?: LockOptions): Promise<() => void> {
    return this.#take(true, options)
  }

  writeLock(options?: LockOptions): Promise<() => void> {
    return this.#take(false, options)
  }

  finalize(): void {}

  async #take(isRead: boolean, options?: LockOptions): Promise<() => void> {
    const previous = this.#last
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const isShared = isRead && previous.isRead
    const begun = isShared ? previous.begun : previous.ended.then(() => {})
    this.#last = { isRead, begun, ended: isShared ? Promise.all([previous.ended, released]) : released }
    await begun
    if (options?.signal?.aborted === true) {
      release()
      throw options.signal.reason
    }
    return release
  }
}

export default function createLock(): OneThreadLock {
  return new OneThreadLock()
}
