import type { HistoryTable, Stats } from '../api/answers.ts'

/** Figures of one moment that the page has seen itself, between two samples of the history. */
export interface LivePoint {
  readonly atMs: number
  readonly values: Readonly<Record<string, number>>
}

/** What the charts of a window show. */
export interface Timeline {
  /** Seconds since 1970, as uPlot wants them. */
  readonly times: readonly number[]
  /** By name; `null` where there is nothing. */
  readonly values: Readonly<Record<string, ReadonlyArray<number | null>>>
  readonly fromSeconds: number
  readonly toSeconds: number
}

/** The page's own points reach back so far; older ones are in the history. */
export const maxLivePoints = 90
/** A distance of more steps is a time in which the relay did not run. */
const stepsOfGap = 2.5

/** The figures of now, under the names of the history. */
export function livePointOf(stats: Stats): LivePoint {
  return {
    atMs: stats.atMs,
    values: {
      peers: stats.peers,
      reservations: stats.reservations,
      circuits: stats.circuits,
      topics: stats.gossip.topics,
      relayedBytesPerSecond: stats.rates.relayedBytesPerSecond,
      gossipBytesPerSecond: stats.rates.gossipBytesPerSecond,
      refusalsPerSecond: stats.rates.refusalsPerSecond,
      rssBytes: stats.memory.rssBytes,
      heapUsedBytes: stats.memory.heapUsedBytes,
      cpuShare: stats.rates.cpuShare,
      loopDelayP50Ms: stats.loopDelay.p50Ms,
      loopDelayP99Ms: stats.loopDelay.p99Ms,
      load: stats.guard.load,
      limitsFactor: stats.guard.factor,
    },
  }
}

/** Joins the history of a window with what the page has seen since, and breaks the lines where the relay did not run. */
export function timelineOf(history: HistoryTable, live: readonly LivePoint[], nowMs: number): Timeline {
  const lastMs = history.atMs.at(-1) ?? Number.NEGATIVE_INFINITY
  const fresh = live.filter(each => each.atMs > lastMs && each.atMs <= nowMs)
  const names = Object.keys(history.values)
  const points = [
    ...history.atMs.map((atMs, index) => ({ atMs, valueOf: (name: string) => history.values[name]?.[index] ?? null })),
    ...fresh.map(each => ({ atMs: each.atMs, valueOf: (name: string) => each.values[name] ?? null })),
  ].filter(each => each.atMs > nowMs - history.windowMs)
  const times: number[] = []
  const values: Record<string, Array<number | null>> = Object.fromEntries(names.map(name => [name, []]))
  let beforeMs: number | undefined
  for (const { atMs, valueOf } of points) {
    if (beforeMs !== undefined && atMs - beforeMs > history.stepMs * stepsOfGap) {
      times.push((beforeMs + 1) / 1_000)
      for (const name of names) values[name]?.push(null)
    }
    times.push(atMs / 1_000)
    for (const name of names) values[name]?.push(valueOf(name))
    beforeMs = atMs
  }
  return { times, values, fromSeconds: (nowMs - history.windowMs) / 1_000, toSeconds: nowMs / 1_000 }
}

/** What was refused in a window, the most frequent reason first. */
export function refusalsOf(history: HistoryTable): ReadonlyArray<{ readonly reason: string; readonly count: number }> {
  const counts = new Map<string, number>()
  for (const sample of history.refusals) {
    for (const [reason, count] of Object.entries(sample)) counts.set(reason, (counts.get(reason) ?? 0) + count)
  }
  return [...counts]
    .map(([reason, count]) => ({ reason, count }))
    .toSorted((a, b) => b.count - a.count || a.reason.localeCompare(b.reason))
}

/** The rate of some reasons over a window, as columns beside its times. */
export function refusalRates(history: HistoryTable, reasons: readonly string[]): HistoryTable {
  const perSecond = (reason: string): number[] =>
    history.refusals.map(sample => ((sample[reason] ?? 0) * 1_000) / history.stepMs)
  return { ...history, values: Object.fromEntries(reasons.map(reason => [reason, perSecond(reason)])) }
}
