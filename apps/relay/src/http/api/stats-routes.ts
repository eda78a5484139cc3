import type { Limits } from '@tsugi/protocol'
import type { Relay } from '@tsugi/relay'
import { maxLength, optional, pipe, strictObject, string } from 'valibot'

import { QuantityError, parseDuration } from '../../config/parse-quantity.ts'
import { toColumns } from '../../history/history-file.ts'
import { historySteps } from '../../history/history.ts'
import type { Recorder } from '../../history/recorder.ts'
import { totalsBelow } from '../../history/totals.ts'
import { checkQuery } from './query.ts'
import type { Route } from './route.ts'

const longestWindowMs = historySteps.coarse.stepMs * historySteps.coarse.capacity

const historyQuery = strictObject({ window: optional(pipe(string(), maxLength(16)), '1h') })

/** What the statistics are made of. */
export interface StatsParts {
  readonly relay: Pick<Relay, 'peerId' | 'multiaddrs'>
  readonly recorder: Pick<Recorder, 'live' | 'history'>
  readonly limits: Limits
  readonly version: string
  readonly now?: () => number
}

/** The figures of now, and of the last day. */
export function statsRoutes({ relay, recorder, limits, version, now = Date.now }: StatsParts): Route[] {
  return [
    {
      method: 'GET',
      path: '/stats',
      summary: 'the figures of this moment, and counters since the relay’s first start',
      handle() {
        const { stats, totals, sample } = recorder.live()
        const { refusals: _refusals, memoryStore, circuits, ...rest } = stats
        return {
          status: 200,
          body: {
            ...rest,
            atMs: sample.atMs,
            peerId: relay.peerId,
            multiaddrs: relay.multiaddrs(),
            version,
            circuits: circuits.circuits,
            reservations: circuits.reservations,
            bufferedBytes: circuits.bufferedBytes,
            memoryStore,
            memory: {
              rssBytes: sample.values.rssBytes,
              heapUsedBytes: sample.values.heapUsedBytes,
              limitBytes: Number.isFinite(limits.relayMemoryBytes) ? limits.relayMemoryBytes : null,
              level: rest.guard.level,
            },
            rates: {
              relayedBytesPerSecond: sample.values.relayedBytesPerSecond,
              gossipBytesPerSecond: sample.values.gossipBytesPerSecond,
              refusalsPerSecond: sample.values.refusalsPerSecond,
              cpuShare: sample.values.cpuShare,
            },
            loopDelay: { p50Ms: sample.values.loopDelayP50Ms, p99Ms: sample.values.loopDelayP99Ms },
            refusals: totalsBelow('refusal/', totals),
            totals: Object.fromEntries(Object.entries(totals).filter(([name]) => !name.startsWith('refusal/'))),
            limits: Object.fromEntries(
              Object.entries(limits).map(([name, value]) => [name, Number.isFinite(value) ? value : null]),
            ),
          },
        }
      },
    },
    {
      method: 'GET',
      path: '/history',
      takesQuery: true,
      summary: 'samples of the last `window` (`15min`, `1h`, `24h`): every 10 s for up to an hour, else every minute',
      handle({ query }) {
        const wanted = checkQuery(historyQuery, query)
        if (!wanted.ok) return wanted
        const windowMs = windowOf(wanted.value.window)
        if (windowMs === undefined) {
          return {
            problem: { code: 'request/invalid', detail: '"window": a time such as 15min, 1h or 24h, at most 24h.' },
          }
        }
        const { stepMs, samples } = recorder.history.window(windowMs, now())
        return { status: 200, body: { windowMs, stepMs, ...toColumns(samples) } }
      },
    },
  ]
}

function windowOf(text: string): number | undefined {
  try {
    const windowMs = parseDuration(text)
    return windowMs > 0 && windowMs <= longestWindowMs ? windowMs : undefined
  } catch (error) {
    if (error instanceof QuantityError) return undefined
    throw error
  }
}
