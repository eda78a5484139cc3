import { Worker } from 'node:worker_threads'

import type { VerifyGame } from '@tsugi/relay'

/** What {@link verifyInWorker} may be told. */
export interface VerifyOptions {
  /** How long one game may take. Default 5 s; the longest takes a tenth of it. */
  readonly timeoutMs?: number
  /** A thread that is not used for so long ends. Default 30 s. */
  readonly idleMs?: number
}

type Outcome = Awaited<ReturnType<VerifyGame>>

/** Sources run as they are in tests and in development; a build has JavaScript beside this file. */
const workerFile = new URL(import.meta.url.endsWith('.ts') ? 'check-worker.ts' : 'check-worker.js', import.meta.url)
/** A thread needs some 30 MB for a long game; what asks for more is no game. */
const resourceLimits = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16 }

/**
 * Checks games in a thread of its own, one at a time as the archive asks: the thread starts with the first game, ends when it is idle, and is
 * ended when a game takes too long.
 */
export function verifyInWorker({ timeoutMs = 5_000, idleMs = 30_000 }: VerifyOptions = {}): {
  readonly verify: VerifyGame
  stop(): Promise<void>
} {
  let worker: Worker | undefined
  let idle: NodeJS.Timeout | undefined
  const end = async (): Promise<void> => {
    clearTimeout(idle)
    const ending = worker
    worker = undefined
    await ending?.terminate()
  }
  const begin = (): Worker => {
    const begun = new Worker(workerFile, { resourceLimits })
    begun.unref()
    // A thread may fail while nobody waits for it, as one does that is out of memory when its time is over; nobody listening would end the process.
    begun.on('error', () => {})
    begun.on('exit', () => {
      if (worker === begun) worker = undefined
    })
    return begun
  }
  return {
    async verify(records) {
      clearTimeout(idle)
      worker ??= begin()
      const outcome = await ask(worker, records, timeoutMs)
      if (outcome === 'failed') {
        await end()
        return { ok: false, code: 'archive/too-slow' }
      }
      idle = setTimeout(() => void end(), idleMs)
      idle.unref()
      return outcome
    },
    stop: end,
  }
}

function ask(worker: Worker, records: readonly Uint8Array[], timeoutMs: number): Promise<Outcome | 'failed'> {
  return new Promise(resolve => {
    const settle = (outcome: Outcome | 'failed'): void => {
      clearTimeout(timer)
      worker.off('message', onMessage)
      worker.off('error', onEnd)
      worker.off('exit', onEnd)
      resolve(outcome)
    }
    const onMessage = (outcome: Outcome): void => settle(outcome)
    const onEnd = (): void => settle('failed')
    const timer = setTimeout(onEnd, timeoutMs)
    worker.on('message', onMessage)
    worker.on('error', onEnd)
    worker.on('exit', onEnd)
    worker.postMessage(records, [])
  })
}
