import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import type { MemoryReader } from '@tsugi/relay'

/** What V8 offers where its collector is exposed. */
type Collect = (options?: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void

/**
 * The memory of this process, for the relay's memory guard.
 *
 * V8 keeps the pages of what it has collected, which can be more than half of the resident memory: an ordinary collection leaves
 * them, the one that V8 does before it gives up returns them. Node exposes it only on request, and whoever starts the relay
 * cannot be asked to know that, so it is requested here.
 */
export function processMemory(): MemoryReader {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as Collect | undefined
  const rssBytes = (): number => process.memoryUsage.rss()
  const liveBytes = (): number => {
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  if (typeof collect !== 'function') return { rssBytes }
  return { rssBytes, liveBytes, reclaim: () => collect({ type: 'major', execution: 'sync', flavor: 'last-resort' }) }
}
