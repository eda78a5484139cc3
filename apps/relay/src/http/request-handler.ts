import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

import { wellKnownPath } from '@tsugi/protocol'
import type { Relay } from '@tsugi/relay'

import type { Admin } from '../admin/start-admin.ts'
import { answer, answerJson, answerProblem } from './answer.ts'
import { healthOf } from './health.ts'
import type { Metrics } from './metrics.ts'
import type { PageHandler } from './page.ts'
import { securityHeaders } from './security-headers.ts'

/** No request of ours has a body; one that announces more than this is refused before it is read. */
const maxBodyBytes = 64 * 1_024

/** What the HTTP side needs. */
export interface RequestHandlerParts {
  /** `undefined` while the relay starts. */
  readonly relay: () => Relay | undefined
  readonly metrics: Metrics
  /** `undefined` when there is no page to serve. */
  readonly page: PageHandler | undefined
  readonly memoryLimitBytes: number
  /** Answers what comes below `/api` and `/dashboard`; `undefined` while the relay starts. */
  readonly admin: () => Pick<Admin, 'handle'> | undefined
}

type Endpoint = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** Answers everything but WebSocket upgrades. */
export function createRequestHandler(parts: RequestHandlerParts): RequestListener {
  const endpoints: Readonly<Record<string, Endpoint>> = {
    [wellKnownPath](request, response) {
      // Pages of any origin may ask: it holds nothing but what the relay tells everybody.
      const headers = { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' }
      const relay = parts.relay()
      if (relay === undefined)
        answerProblem(request, response, 503, 'Starting', 'The relay is starting.', { ...headers, 'Retry-After': '1' })
      else answerJson(request, response, 200, relay.wellKnown(), headers)
    },
    '/health'(request, response) {
      const health = healthOf(parts.relay()?.stats(), process.memoryUsage.rss(), parts.memoryLimitBytes)
      answerJson(request, response, health.status === 'ok' ? 200 : 503, health)
    },
    async '/metrics'(request, response) {
      const body = await parts.metrics.render()
      answer(request, response, 200, { 'Content-Type': parts.metrics.contentType, 'Cache-Control': 'no-store' }, body)
    },
  }

  const notFound: Endpoint = (request, response) => {
    const isRoot = pathOf(request) === '/'
    if (isRoot && parts.page === undefined) {
      answerProblem(
        request,
        response,
        404,
        'No page here',
        'This relay serves no page: it was not built, or --web-dir is off. The relay itself works.',
      )
    } else {
      answerProblem(request, response, 404, 'Not found', 'There is nothing at this address.')
    }
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
    const path = pathOf(request)
    // The API has a ceiling of its own, and a code for it.
    if (!isAdminPath(path) && Number(request.headers['content-length'] ?? 0) > maxBodyBytes) {
      answerProblem(request, response, 413, 'Too large', `At most ${maxBodyBytes} bytes are read.`, {
        Connection: 'close',
      })
      return
    }
    const endpoint = Object.hasOwn(endpoints, path) ? endpoints[path] : undefined
    if (isAdminPath(path)) {
      await answerAdmin(request, response, path)
    } else if (request.method === 'OPTIONS' && path === wellKnownPath) {
      response.writeHead(204, { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Methods': 'GET, HEAD' }).end()
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      answerProblem(request, response, 405, 'Method not allowed', 'Only GET and HEAD work here.', {
        Allow: 'GET, HEAD',
      })
    } else if (endpoint !== undefined) {
      await endpoint(request, response)
    } else if (parts.page === undefined) {
      await notFound(request, response)
    } else {
      parts.page(request, response, () => void notFound(request, response))
    }
  }

  const answerAdmin = async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    const admin = parts.admin()
    if (admin !== undefined) await admin.handle(request, response, path)
    else answerProblem(request, response, 503, 'Starting', 'The relay is starting.', { 'Retry-After': '1' })
    request.resume()
  }

  return (request, response) => {
    request.url = originForm(request.url ?? '/')
    // A body that nobody reads would hold its connection.
    if (!isAdminPath(pathOf(request))) request.resume()
    handle(request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  }
}

function isAdminPath(path: string): boolean {
  return ['/api', '/dashboard'].some(each => path === each || path.startsWith(`${each}/`))
}

/** A server takes the absolute form too (RFC 9112, 3.2.2), which proxies send; whom it names has been settled by the connection. */
function originForm(target: string): string {
  const rest = target.replace(/^https?:\/\/[^/?]*/i, '')
  return rest === target || rest.startsWith('/') ? rest : `/${rest}`
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/'
}
