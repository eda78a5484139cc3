import type { IncomingMessage, ServerResponse } from 'node:http'

import { answer, answerJson } from '../answer.ts'
import { readBody } from '../read-body.ts'
import { type Problem, problemBody } from './problem.ts'
import { unknownParameter } from './query.ts'
import { type ApiAnswer, type Route, matchPath } from './route.ts'

/** The longest request is a ban with its reason. */
const maxBodyBytes = 16 * 1_024
const prefix = '/api/v1'

/** Answers what comes below `/api`, once the gate has let it in. */
export type Api = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** Puts routes behind the checks that all of them share: path, method, kind and size of the body. */
export function createApi(routes: readonly Route[]): Api {
  const answerFor = async (request: IncomingMessage): Promise<ApiAnswer> => {
    const url = new URL(request.url ?? '/', 'http://relay')
    const path = url.pathname.startsWith(`${prefix}/`) ? url.pathname.slice(prefix.length) : ''
    const here = routes.filter(each => matchPath(each.path, path) !== undefined)
    if (here.length === 0) {
      return {
        problem: { code: 'request/not-found', detail: 'There is nothing at this address; docs/api.md lists what is.' },
      }
    }
    const method = request.method === 'HEAD' ? 'GET' : request.method
    const route = here.find(each => each.method === method)
    if (route === undefined) {
      const allow = [...new Set(here.map(each => each.method))].join(', ')
      return { problem: { code: 'request/method', detail: `What works here: ${allow}.`, headers: { Allow: allow } } }
    }
    const [stray] = route.takesQuery === true ? [] : url.searchParams.keys()
    if (stray !== undefined) return { problem: unknownParameter(stray) }
    const body = route.method === 'POST' ? await readJson(request) : { ok: true as const, value: undefined }
    if (!body.ok) return body
    return route.handle({ params: matchPath(route.path, path) ?? {}, query: url.searchParams, body: body.value })
  }

  return async (request, response) => {
    const given = await answerFor(request)
    if ('problem' in given) answerApiProblem(request, response, given.problem)
    else if (given.status === 204) response.writeHead(204, { 'Cache-Control': 'no-store' }).end()
    else if ('text' in given) {
      const headers = {
        'Content-Type': given.type,
        'Content-Disposition': `attachment; filename="${given.fileName}"`,
        'Cache-Control': 'no-store',
      }
      answer(request, response, given.status, headers, given.text)
    } else answerJson(request, response, given.status, given.body)
  }
}

/** Answers with problem details (RFC 9457). */
export function answerApiProblem(request: IncomingMessage, response: ServerResponse, problem: Problem): void {
  const body = problemBody(problem)
  answer(
    request,
    response,
    body.status,
    {
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      // What is left of a body is not worth reading.
      ...(body.status === 413 && { Connection: 'close' }),
      ...problem.headers,
    },
    JSON.stringify(body),
  )
}

async function readJson(
  request: IncomingMessage,
): Promise<{ readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: Problem }> {
  // A form of another site can send every kind of body but this one.
  if (!/^application\/json\s*(?:;|$)/i.test(request.headers['content-type'] ?? '')) {
    return { ok: false, problem: { code: 'request/media-type', detail: 'Send JSON as application/json.' } }
  }
  const body = await readBody(request, maxBodyBytes)
  if (!body.ok) {
    const detail = body.code === 'body/too-large' ? `At most ${maxBodyBytes} bytes are read.` : 'The body ended early.'
    return { ok: false, problem: { code: body.code, detail } }
  }
  try {
    return { ok: true, value: JSON.parse(body.text) as unknown }
  } catch {
    return { ok: false, problem: { code: 'request/invalid', detail: 'The body is no JSON.' } }
  }
}
