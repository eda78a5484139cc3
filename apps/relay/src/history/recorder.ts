import { join } from 'node:path'

import { TaskGroup, type Timers, systemTimers } from '@tsugi/bounded'
import type { RelayStats } from '@tsugi/relay'
import type { Logger } from 'pino'

import { type KeptFigures, readHistoryFile, writeHistoryFile } from './history-file.ts'
import { History, historySteps } from './history.ts'
import type { ProcessWatch } from './process-watch.ts'
import { type Sample, rounded } from './sample.ts'
import { type Totals, addTotals, totalsBelow, totalsOf } from './totals.ts'

/** What a crash may cost. */
const saveIntervalMs = 60_000
/** Figures that are asked for again sooner are the same ones, however many dashboards look. */
const liveIntervalMs = 1_000
const maxSeen = 3

/** The figures of this moment, with rates over the last one to ten seconds. */
interface LiveFigures {
  readonly stats: RelayStats
  readonly totals: Totals
  readonly sample: Sample
}

/** Keeps the figures of a relay: now, over the last day, and since its first start. */
export interface Recorder {
  /** The figures of now. */
  live(): LiveFigures
  readonly history: History
  /** Counters since the relay's first start. */
  totals(): Totals
  /** Takes no more samples, and writes everything down. Safe to repeat. */
  stop(): Promise<void>
}

/** What {@link startRecorder} needs. */
export interface RecorderOptions {
  /** Where `history.json` is kept. */
  readonly dataDir: string
  readonly statsOf: () => RelayStats
  /** Counters from elsewhere, by the names that they are kept under. */
  readonly more: () => readonly Totals[]
  readonly watch: ProcessWatch
  readonly log: Pick<Logger, 'warn'>
  readonly timers?: Timers
}

/** One look at everything; rates are differences between two. */
interface Snapshot {
  readonly atMs: number
  readonly cpuSeconds: number
  readonly totals: Totals
}

/** Reads what an earlier run left, and begins to take samples. A file that cannot be read is put down to the log, and begun anew. */
export async function startRecorder(options: RecorderOptions): Promise<Recorder> {
  const { watch, log, statsOf, timers = systemTimers } = options
  const path = join(options.dataDir, 'history.json')
  const kept = await readHistoryFile(path).catch((error: unknown): KeptFigures | undefined => {
    log.warn({ path, error: messageOf(error) }, 'the history of earlier runs cannot be read; it begins anew')
    return undefined
  })
  const earlier = kept?.totals ?? {}
  const history = new History(kept?.history, timers.now())
  const tasks = new TaskGroup({ name: 'recorder', timers })

  const totalsWith = (stats: RelayStats): Totals => addTotals(earlier, totalsOf(stats, options.more()))
  const look = (stats: RelayStats): Snapshot => ({
    atMs: timers.now(),
    cpuSeconds: watch.figures().cpuSeconds,
    totals: totalsWith(stats),
  })
  const sampleBetween = (before: Snapshot, after: Snapshot, stats: RelayStats): Sample => {
    const seconds = Math.max(0.001, (after.atMs - before.atMs) / 1_000)
    const grown = (name: string): number => Math.max(0, (after.totals[name] ?? 0) - (before.totals[name] ?? 0))
    const refusals = Object.fromEntries(
      Object.keys(totalsBelow('refusal/', after.totals))
        .map(reason => [reason, grown(`refusal/${reason}`)] as const)
        .filter(([, count]) => count > 0),
    )
    const refused = Object.values(refusals).reduce((sum, each) => sum + each, 0)
    const { rssBytes, heapUsedBytes } = watch.figures()
    const values = {
      peers: stats.peers,
      connections: stats.connections,
      reservations: stats.circuits.reservations,
      circuits: stats.circuits.circuits,
      topics: stats.gossip.topics,
      relayedBytesPerSecond: grown('bytes') / seconds,
      gossipBytesPerSecond: grown('gossipBytes') / seconds,
      refusalsPerSecond: refused / seconds,
      rssBytes,
      heapUsedBytes,
      cpuShare: Math.max(0, after.cpuSeconds - before.cpuSeconds) / seconds,
      loopDelayP50Ms: watch.delay.p50Ms,
      loopDelayP99Ms: watch.delay.p99Ms,
      load: stats.guard.load,
      limitsFactor: stats.guard.factor,
    }
    return {
      atMs: after.atMs,
      values: Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, rounded(value)]),
      ) as Sample['values'],
      refusals,
    }
  }

  let sampled = look(statsOf())
  /** The last looks, so that there is always one of a moment ago. */
  let seen = [sampled]
  let live: LiveFigures | undefined
  tasks.interval('sample', historySteps.fine.stepMs, () => {
    watch.turnWindow()
    const stats = statsOf()
    const now = look(stats)
    history.add(sampleBetween(sampled, now, stats))
    sampled = now
    seen = [...seen, now].slice(-maxSeen)
  })
  const save = async (): Promise<void> => {
    try {
      await writeHistoryFile(path, { history: history.kept(), totals: totalsWith(statsOf()) })
    } catch (error) {
      log.warn({ path, error: messageOf(error) }, 'the history cannot be kept')
    }
  }
  tasks.interval('save', saveIntervalMs, save)

  let stopped: Promise<void> | undefined
  return {
    history,
    totals: () => totalsWith(statsOf()),
    live() {
      const nowMs = timers.now()
      if (live !== undefined && Math.abs(nowMs - live.sample.atMs) < liveIntervalMs) return live
      const stats = statsOf()
      const now = look(stats)
      const before = seen.findLast(each => nowMs - each.atMs >= liveIntervalMs) ?? seen[0] ?? sampled
      live = { stats, totals: now.totals, sample: sampleBetween(before, now, stats) }
      seen = [...seen, now].slice(-maxSeen)
      return live
    },
    stop() {
      stopped ??= tasks.stop().then(save)
      return stopped
    },
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
