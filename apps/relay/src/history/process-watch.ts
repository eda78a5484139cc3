import { monitorEventLoopDelay } from 'node:perf_hooks'

const nanosecondsPerMs = 1e6
/** The monitor wakes up so often; what it measures is the time between two of its turns. */
const resolutionMs = 20

/** How late the event loop was, in milliseconds. */
interface LoopDelay {
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** What this process uses. */
interface ProcessFigures {
  readonly rssBytes: number
  readonly heapUsedBytes: number
  /** Since the process started, user and system together. */
  readonly cpuSeconds: number
}

/** Watches this process. */
export interface ProcessWatch {
  figures(): ProcessFigures
  /** In the last full window. */
  readonly delay: LoopDelay
  /** Begins a new window; answers with the one that ended. */
  turnWindow(): LoopDelay
  close(): void
}

/** Starts to measure the event loop. */
export function watchProcess(): ProcessWatch {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  histogram.enable()
  let delay = read(histogram)
  return {
    figures() {
      const { rss, heapUsed } = process.memoryUsage()
      const { user, system } = process.cpuUsage()
      return { rssBytes: rss, heapUsedBytes: heapUsed, cpuSeconds: (user + system) / 1e6 }
    },
    get delay() {
      return delay
    },
    turnWindow() {
      delay = read(histogram)
      histogram.reset()
      return delay
    },
    close: () => void histogram.disable(),
  }
}

function read(histogram: ReturnType<typeof monitorEventLoopDelay>): LoopDelay {
  const late = (nanoseconds: number): number => {
    const ms = nanoseconds / nanosecondsPerMs - resolutionMs
    return Number.isFinite(ms) && histogram.count > 0 ? Math.max(0, Math.round(ms * 100) / 100) : 0
  }
  return {
    p50Ms: late(histogram.percentile(50)),
    p90Ms: late(histogram.percentile(90)),
    p99Ms: late(histogram.percentile(99)),
    maxMs: late(histogram.max),
  }
}
