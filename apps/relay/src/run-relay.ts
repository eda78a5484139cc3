import { fileURLToPath } from 'node:url'

import { resolveLimits } from '@tsugi/protocol'
import { type Relay, RelayError, createRelay } from '@tsugi/relay'
import type { Logger } from 'pino'

import { type Admin, startAdmin } from './admin/start-admin.ts'
import { verifyInWorker } from './archive/verify-in-worker.ts'
import { ConfigError } from './config/config-error.ts'
import type { Settings } from './config/read-settings.ts'
import { watchProcess } from './history/process-watch.ts'
import { type Recorder, startRecorder } from './history/recorder.ts'
import { createServiceCounts } from './history/service-counts.ts'
import { withPrefix } from './history/totals.ts'
import { closeServer, createHttpServer, listenOn } from './http/create-http-server.ts'
import { type Metrics, createMetrics } from './http/metrics.ts'
import { type Page, createPage } from './http/page.ts'
import { createRequestHandler } from './http/request-handler.ts'
import { createEventLog } from './log/log-events.ts'
import { processMemory } from './process-memory.ts'
import type { ReadyFacts } from './ready-line.ts'

/** Requests that are being answered get so long to end once the relay is gone. */
const httpGraceMs = 500
/** Beside the peers' connections: the page, scrapes, and whoever is turned away. */
const spareConnections = 1_000

/** A running command. */
export interface RunningRelay {
  readonly facts: ReadyFacts
  readonly metrics: Metrics
  /** Tells the peers, closes everything; health says 503 meanwhile. */
  stop(reason: string): Promise<void>
}

/** The pages that were built beside this command. */
const builtPage = fileURLToPath(new URL('../../web/dist', import.meta.url))
const builtDashboard = fileURLToPath(new URL('../../dashboard/dist', import.meta.url))

/**
 * Composes the relay with its HTTP server.
 *
 * @param onMemoryExhausted - called once, when the process has to end before the system ends it
 * @throws ConfigError when it cannot run as asked; nothing is left running then
 */
export async function runRelay(
  settings: Settings,
  log: Logger,
  version: string,
  onMemoryExhausted: () => void,
): Promise<RunningRelay> {
  const limits = resolveLimits(settings.limits)
  const page = settings.webDir === 'off' ? undefined : await readPage(settings.webDir ?? builtPage)
  if (page === undefined && settings.webDir !== undefined && settings.webDir !== 'off') {
    throw new ConfigError(`--web-dir: there is no index.html in ${settings.webDir}.`)
  }
  const dashboard = await createPage(builtDashboard, { below: '/dashboard', isPrivate: true })
  let relay: Relay | undefined
  let recorder: Recorder | undefined
  let admin: Admin | undefined
  const watch = watchProcess()
  const serviceCounts = createServiceCounts()
  const figures = () => recorder && relay && { stats: relay.stats(), totals: recorder.totals() }
  const metrics = createMetrics({ figures, watch, version })
  const server = createHttpServer(Math.min(limits.relayPeers * 2 + spareConnections, 2 ** 31 - 1))
  server.on(
    'request',
    createRequestHandler({
      relay: () => relay,
      metrics,
      page: page?.handle,
      memoryLimitBytes: limits.relayMemoryBytes,
      admin: () => admin,
    }),
  )
  const logEvent = createEventLog(log)
  // A start that fails is told in one line by whoever asked for it.
  let isFailing = false
  const checking = verifyInWorker()
  try {
    const port = await listenOn(server, settings.host, settings.port)
    relay = await createRelay({
      httpServer: server,
      dataDir: settings.dataDir,
      udpPort: settings.udpPort,
      webTransportPort: settings.webTransportPort,
      stunPort: settings.stunPort,
      announce: settings.announce,
      trustProxy: settings.trustProxy,
      relays: settings.relays,
      ...(settings.discover !== undefined && { discover: settings.discover }),
      ...(settings.region !== undefined && { region: settings.region }),
      apps: settings.apps,
      limits: settings.limits,
      memory: processMemory(),
      verifyGame: checking.verify,
      onEvent(event) {
        serviceCounts.onEvent(event)
        if (!isFailing) logEvent(event)
        if (event.type === 'memory:exhausted') onMemoryExhausted()
      },
      version,
    })
    const started = relay
    recorder = await startRecorder({
      dataDir: settings.dataDir,
      statsOf: () => started.stats(),
      more: () => [serviceCounts.counts(), withPrefix('refusal/', admin?.refusals() ?? {})],
      watch,
      log,
    })
    const recording = recorder
    admin = await startAdmin({
      relay,
      recorder,
      limits,
      version,
      dataDir: settings.dataDir,
      token: settings.adminToken,
      trustProxy: settings.trustProxy,
      dashboard: dashboard?.handle,
      log,
    })
    const administering = admin
    return {
      facts: {
        peerId: relay.peerId,
        host: settings.host,
        port,
        multiaddrs: relay.multiaddrs(),
        hasPage: page !== undefined,
      },
      metrics,
      async stop(reason) {
        started.drain(reason)
        await started.stop()
        await closeServer(server, httpGraceMs)
        await recording.stop()
        await administering.stop()
        await checking.stop()
        metrics.close()
        watch.close()
      },
    }
  } catch (error) {
    isFailing = true
    await recorder?.stop()
    await relay?.stop()
    metrics.close()
    watch.close()
    if (server.listening) await closeServer(server, 0)
    throw asConfigError(error)
  }
}

/** What the operator can mend is one line; everything else keeps its stack. */
function asConfigError(error: unknown): unknown {
  if (!(error instanceof RelayError)) return error
  switch (error.code) {
    case 'relay/invalid-config':
    case 'relay/port-taken':
    case 'relay/data-dir-unusable':
    case 'relay/data-dir-locked':
    case 'relay/memory-too-small':
      return new ConfigError(error.message)
    case 'relay/http-not-listening':
    case 'relay/incompatible-library':
    case 'relay/start-failed':
      return error
  }
}

async function readPage(folder: string): Promise<Page | undefined> {
  try {
    return await createPage(folder)
  } catch (cause) {
    throw new ConfigError(`--web-dir: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
