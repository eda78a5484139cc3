import { BoundedError, requireCount } from './bounded-error.ts'
import { systemTimers, type Timers } from './system-timers.ts'

/** What a task is: a timer, a repeated timer, a listener, something that runs, or something that is held open. */
export type TaskKind = 'timeout' | 'interval' | 'listener' | 'run' | 'resource'

/** One thing that a {@link TaskGroup} owns. */
export interface TaskInfo {
  /** With the names of the groups above it: `links/ping`. */
  readonly name: string
  readonly kind: TaskKind
  /** When it began, in milliseconds of the group's clock. */
  readonly since: number
}

/** Ends one task early. Safe to repeat. */
export interface TaskHandle extends Disposable {
  /** Cancels a timer, removes a listener, closes a resource. What runs already is told by its signal only. */
  end(): void
  readonly isActive: boolean
}

/** Anything that takes listeners: DOM event targets, libp2p's typed ones. */
export interface ListenerTarget<E> {
  addEventListener(type: string, listener: (event: E) => void, options?: never): void
  removeEventListener(type: string, listener: (event: E) => void): void
}

/** What {@link TaskGroup} wants to know. */
export interface TaskGroupOptions {
  /** Stands before the names of its tasks. */
  readonly name?: string
  /** The most tasks at once, those of child groups not counted. Default 10,000: a leak is found rather than grown. */
  readonly capacity?: number
  /** What a task threw. Without it an error is only counted. */
  readonly onError?: (error: unknown, taskName: string) => void
  /** Default: the runtime's clock and timers. */
  readonly timers?: Timers
}

interface Task {
  readonly info: TaskInfo
  /** Ends it; a promise is waited for by {@link TaskGroup.stop}. */
  readonly end: () => void | Promise<void>
}

const inactive: TaskHandle = { isActive: false, end() {}, [Symbol.dispose]() {} }

/**
 * The owner of everything that goes on in the background: timers, listeners, running work, open resources. Each is named and
 * counted; `stop()` ends all of them and resolves when the last has ended. After `stop()` nothing starts any more: what is asked for
 * is ended at once, so a task that comes back from an `await` too late does no harm.
 */
export class TaskGroup implements AsyncDisposable {
  readonly name: string
  readonly #capacity: number
  readonly #onError: TaskGroupOptions['onError']
  readonly #timers: Timers
  readonly #controller = new AbortController()
  readonly #tasks = new Map<number, Task>()
  readonly #children = new Set<TaskGroup>()
  #parent: TaskGroup | undefined
  #nextId = 0
  #failures = 0
  #stopped: Promise<void> | undefined

  /** @throws BoundedError `bounded/invalid-option` */
  constructor(options: TaskGroupOptions = {}) {
    this.name = options.name ?? ''
    this.#capacity = requireCount('capacity', options.capacity ?? 10_000)
    this.#onError = options.onError
    this.#timers = options.timers ?? systemTimers
  }

  /** Aborts when the group stops. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get isStopped(): boolean {
    return this.#controller.signal.aborted
  }

  /** How many tasks are active, those of child groups included. */
  get size(): number {
    let size = this.#tasks.size
    for (const child of this.#children) size += child.size
    return size
  }

  /** How many tasks threw, those of child groups not counted. */
  get failures(): number {
    return this.#failures
  }

  /** What is active, child groups included. */
  list(): TaskInfo[] {
    const list = [...this.#tasks.values()].map(task => task.info)
    for (const child of this.#children) list.push(...child.list())
    return list
  }

  /** A group that ends with this one, or before. Its errors are reported here. */
  child(name: string): TaskGroup {
    const onError = this.#onError
    const child = new TaskGroup({
      name: this.name === '' ? name : `${this.name}/${name}`,
      capacity: this.#capacity,
      timers: this.#timers,
      ...(onError && { onError }),
    })
    if (this.isStopped) {
      void child.stop()
      return child
    }
    child.#parent = this
    this.#children.add(child)
    return child
  }

  /** Calls once, after a delay. */
  timeout(name: string, delayMs: number, callback: () => unknown): TaskHandle {
    return this.#start(name, 'timeout', finish => {
      const timer = this.#timers.setTimeout(() => {
        finish()
        void this.#call(name, callback)
      }, delayMs)
      return () => this.#timers.clearTimeout(timer)
    })
  }

  /** Calls again and again; the next wait begins when the call (or the promise that it answers with) has ended. */
  interval(name: string, everyMs: number, callback: () => unknown): TaskHandle {
    return this.#start(name, 'interval', () => {
      let timer: unknown
      let isOver = false
      let running: Promise<void> | undefined
      const arm = (): void => {
        if (isOver) return
        timer = this.#timers.setTimeout(() => {
          running = this.#call(name, callback)
          if (running === undefined) arm()
          else void running.then(arm)
        }, everyMs)
      }
      arm()
      return () => {
        isOver = true
        this.#timers.clearTimeout(timer)
        return running
      }
    })
  }

  /** Listens to an event target. */
  listen<E>(name: string, target: ListenerTarget<E>, type: string, listener: (event: E) => unknown): TaskHandle {
    return this.#start(name, 'listener', () => {
      const guarded = (event: E): void => void this.#call(name, () => listener(event))
      target.addEventListener(type, guarded)
      return () => target.removeEventListener(type, guarded)
    })
  }

  /** Runs something in the background; it ends when its promise settles, and `stop()` waits for that. It must heed the signal. */
  run(name: string, work: (signal: AbortSignal) => Promise<unknown>): TaskHandle {
    return this.#start(name, 'run', finish => {
      const result = this.#call(name, () => work(this.signal)) ?? Promise.resolve()
      const finished = result.then(() => finish())
      return () => finished
    })
  }

  /** Holds something open until it is ended: by its handle, or by `stop()`. */
  own(name: string, end: () => void | Promise<void>): TaskHandle {
    if (this.isStopped) {
      void this.#call(name, end)
      return inactive
    }
    return this.#start(name, 'resource', () => () => this.#call(name, end))
  }

  /** Waits; answers `false` at once when the group stops or the signal aborts. */
  sleep(name: string, delayMs: number, signal?: AbortSignal): Promise<boolean> {
    if (this.isStopped || signal?.aborted === true) return Promise.resolve(false)
    return new Promise(resolve => {
      const finish = (slept: boolean): void => {
        this.signal.removeEventListener('abort', onAbort)
        signal?.removeEventListener('abort', onAbort)
        resolve(slept)
      }
      const handle = this.timeout(name, delayMs, () => finish(true))
      const onAbort = (): void => {
        handle.end()
        finish(false)
      }
      this.signal.addEventListener('abort', onAbort, { once: true })
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  /**
   * Ends everything, the newest first, and waits for what ends later. Safe to repeat; never rejects. A task of the group must not
   * wait for it, since it waits for that task.
   */
  stop(reason?: unknown): Promise<void> {
    this.#stopped ??= this.#stop(reason)
    return this.#stopped
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #stop(reason: unknown): Promise<void> {
    this.#controller.abort(reason)
    await Promise.all([...this.#children].toReversed().map(child => child.stop(reason)))
    if (this.#parent !== undefined) this.#parent.#children.delete(this)
    const pending = [...this.#tasks].toReversed().map(async ([id, task]) => {
      await task.end()
      this.#tasks.delete(id)
    })
    await Promise.all(pending)
  }

  #start(name: string, kind: TaskKind, begin: (finish: () => void) => Task['end']): TaskHandle {
    if (this.isStopped) return inactive
    if (this.#tasks.size >= this.#capacity) {
      throw new BoundedError(
        'bounded/too-many-tasks',
        `${this.#capacity} tasks are active already; the next one is "${name}".`,
      )
    }
    const id = this.#nextId
    this.#nextId += 1
    const finish = (): void => void this.#tasks.delete(id)
    // Put in its place before it begins: what begins may end at once.
    let isBegun = false
    let end: Task['end'] = () => {}
    const info = { name: this.name === '' ? name : `${this.name}/${name}`, kind, since: this.#timers.now() }
    this.#tasks.set(id, { info, end: () => (isBegun ? end() : undefined) })
    end = begin(finish)
    isBegun = true
    const tasks = this.#tasks
    const handle: TaskHandle = {
      get isActive() {
        return tasks.has(id)
      },
      end() {
        if (kind !== 'run' && tasks.delete(id)) void end()
      },
      [Symbol.dispose]: () => handle.end(),
    }
    return handle
  }

  /** Calls what may throw or reject, and reports that. Answers a promise (that never rejects) only if the callback did. */
  #call(name: string, callback: () => unknown): Promise<void> | undefined {
    try {
      const result = callback()
      if (!(result instanceof Promise)) return undefined
      return result.then(
        () => undefined,
        (error: unknown) => this.#report(error, name),
      )
    } catch (error) {
      this.#report(error, name)
      return undefined
    }
  }

  #report(error: unknown, name: string): void {
    this.#failures += 1
    this.#onError?.(error, this.name === '' ? name : `${this.name}/${name}`)
  }
}
