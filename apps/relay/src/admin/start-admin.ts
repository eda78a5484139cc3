import type { IncomingMessage, ServerResponse } from 'node:http'

import type { Limits } from '@tsugi/protocol'
import type { Relay } from '@tsugi/relay'
import type { Logger } from 'pino'

import { createDashboard } from '../dashboard/serve-dashboard.ts'
import { type Recorder } from '../history/recorder.ts'
import { archiveRoutes } from '../http/api/archive-routes.ts'
import { banRoutes } from '../http/api/ban-routes.ts'
import { circuitRoutes } from '../http/api/circuit-routes.ts'
import { answerApiProblem, createApi } from '../http/api/create-api.ts'
import { peerRoutes } from '../http/api/peer-routes.ts'
import { adminProblem } from '../http/api/problem.ts'
import { statsRoutes } from '../http/api/stats-routes.ts'
import type { PageHandler } from '../http/page.ts'
import { createRefusalLog } from '../log/refusal-log.ts'
import { createAdminGate } from './admin-gate.ts'
import { loadAdminToken } from './admin-token.ts'
import { createAttempts } from './attempts.ts'
import { createClientAddresses } from './client-address.ts'
import { openSessions } from './sessions.ts'

/** A token that is shorter can be guessed by whoever has time, or many addresses. */
const shortTokenLength = 16

/** The operator's side of the HTTP server. */
export interface Admin {
  /** Answers what comes below `/api` and `/dashboard`; `path` is without the query. */
  handle(request: IncomingMessage, response: ServerResponse, path: string): Promise<void>
  /** How often each reason for a refusal came up. */
  refusals(): Readonly<Record<string, number>>
  /** Resolves when everything is on disk. */
  stop(): Promise<void>
}

/** What {@link startAdmin} needs. */
export interface AdminOptions {
  readonly relay: Relay
  readonly recorder: Recorder
  readonly limits: Limits
  readonly version: string
  readonly dataDir: string
  /** `undefined`: the one that is kept in the data directory. */
  readonly token: string | undefined
  readonly trustProxy: readonly string[]
  /** The built dashboard; `undefined` when there is none. */
  readonly dashboard: PageHandler | undefined
  readonly log: Logger
}

/**
 * Opens the admin API and the dashboard.
 *
 * @throws ConfigError when the token in the data directory cannot be used
 */
export async function startAdmin(options: AdminOptions): Promise<Admin> {
  const { relay, recorder, limits, version, dataDir, log } = options
  const token = await loadAdminToken(dataDir, options.token)
  if (token.path !== undefined) log.info({ path: token.path }, 'the admin token is in this file')
  if (token.wasExposed) log.warn({ path: token.path }, 'the admin token could be read by others; now it cannot')
  if (token.value.length < shortTokenLength) log.warn(`the admin token has less than ${shortTokenLength} characters`)
  const sessions = await openSessions({
    dataDir,
    token: token.value,
    onError: error => log.warn({ error: String(error) }, 'sign-ins cannot be kept over a restart'),
  })
  const addresses = createClientAddresses(options.trustProxy)
  const gate = createAdminGate({
    token: token.value,
    sessions,
    attempts: createAttempts(),
    addressOf: addresses.of,
    isProxied: addresses.isProxied,
    onRefused: createRefusalLog(log),
  })
  const api = createApi([
    ...statsRoutes({ relay, recorder, limits, version }),
    ...peerRoutes(relay),
    ...circuitRoutes(relay),
    ...banRoutes(relay.bans),
    ...archiveRoutes(relay.archive),
  ])
  const dashboard = createDashboard({ gate, page: options.dashboard })
  return {
    async handle(request, response, path) {
      if (path === '/dashboard' || path.startsWith('/dashboard/')) return dashboard(request, response, path)
      const verdict = gate.check(request)
      if (verdict.ok) await api(request, response)
      else answerApiProblem(request, response, adminProblem(verdict.code, verdict.retryAfterSeconds))
    },
    refusals: () => gate.refusals(),
    stop: () => sessions.saved(),
  }
}
