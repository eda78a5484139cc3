import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import type { Site } from '../../lab/site.ts'
import { settableClock } from './bench-relay.ts'
import type { PeerNews, PeerTask } from './peer-messages.ts'

/** Whose peers and relay. */
export type System = 'ours' | 'stock'

const scripts = {
  ours: fileURLToPath(new URL('our-peer.ts', import.meta.url)),
  stock: fileURLToPath(new URL('stock-peer.ts', import.meta.url)),
}

/** A peer of the benchmark, in a process at a site. Times are by this process's monotonic clock. */
export class BenchPeer {
  readonly #child: ChildProcess
  readonly #watchers = new Set<() => void>()
  readonly #startedAt = performance.now()
  #reservedAt: number | undefined
  #directAt: number | undefined
  /** When messages were heard. */
  readonly heardAt: number[] = []
  address = ''

  constructor(system: System, site: Site, task: PeerTask) {
    const [program, args] = site.command(process.execPath, ['--no-warnings', scripts[system], JSON.stringify(task)])
    this.#child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, ...settableClock },
    })
    createInterface({ input: this.#child.stdout! }).on('line', line => this.#note(JSON.parse(line) as PeerNews))
  }

  /** Its process id. */
  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Milliseconds from its process's start until it held a slot, was on a direct line, heard a first message; undefined if that has not come. */
  get reservedMs(): number | undefined {
    return this.#since(this.#reservedAt)
  }
  get directMs(): number | undefined {
    return this.#since(this.#directAt)
  }
  get heardMs(): number | undefined {
    return this.#since(this.heardAt[0])
  }

  /** Whether it came true before the deadline. */
  async until(isSo: (peer: this) => boolean, deadlineMs: number): Promise<boolean> {
    if (isSo(this)) return true
    const done = Promise.withResolvers<boolean>()
    const look = (): void => {
      if (isSo(this)) done.resolve(true)
    }
    const timer = setTimeout(() => done.resolve(false), deadlineMs)
    this.#watchers.add(look)
    const isDone = await done.promise
    clearTimeout(timer)
    this.#watchers.delete(look)
    return isDone
  }

  /** The longest silence in milliseconds from one moment until the first message after another. */
  silence(from: number, to: number): number {
    const firstAfter = this.heardAt.find(at => at > to) ?? performance.now()
    const times = [from, ...this.heardAt.filter(at => at > from && at <= firstAfter)]
    return Math.max(0, ...times.slice(1).map((at, index) => at - times[index]!))
  }

  end(): void {
    this.#child.kill('SIGKILL')
  }

  #since(at: number | undefined): number | undefined {
    return at === undefined ? undefined : at - this.#startedAt
  }

  #note(news: PeerNews): void {
    const now = performance.now()
    switch (news.event) {
      case 'reserved':
        this.#reservedAt ??= now
        this.address = news.address
        break
      case 'direct':
        this.#directAt ??= now
        break
      case 'heard':
        this.heardAt.push(now)
        break
    }
    for (const look of this.#watchers) look()
  }
}
