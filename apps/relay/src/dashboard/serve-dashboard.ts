import type { IncomingMessage, ServerResponse } from 'node:http'

import type { AdminGate, AdminRefusal, Verdict } from '../admin/admin-gate.ts'
import { answer, answerProblem } from '../http/answer.ts'
import { answerApiProblem } from '../http/api/create-api.ts'
import { adminProblem } from '../http/api/problem.ts'
import type { PageHandler } from '../http/page.ts'
import { readBody } from '../http/read-body.ts'
import { loginPage, loginPolicy, loginStyle } from './login-page.ts'

const maxFormBytes = 4 * 1_024

/** Charts are drawn on canvas, Lit builds its styles as constructable stylesheets: nothing inline, and nothing from elsewhere. */
const dashboardPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types lit-html',
].join('; ')

/** What the dashboard's paths need. */
export interface DashboardParts {
  readonly gate: AdminGate
  /** The built dashboard; `undefined` when it was not built. */
  readonly page: PageHandler | undefined
}

/** Answers a request below `/dashboard`; `path` is without the query. */
export type Dashboard = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>

/** Answers what comes below `/dashboard`: the page for whoever signed in, the way in for all others. */
export function createDashboard({ gate, page }: DashboardParts): Dashboard {
  return async (request, response, path) => {
    // A form's origin is told only where referrers are, and without it nobody could sign in.
    response.setHeader('Referrer-Policy', 'same-origin')
    response.setHeader('Content-Security-Policy', loginPolicy)
    const isPost = request.method === 'POST'
    const isForm = path === '/dashboard/login' || path === '/dashboard/logout'
    if (isPost ? !isForm : request.method !== 'GET' && request.method !== 'HEAD') {
      const allow = isForm ? 'GET, HEAD, POST' : 'GET, HEAD'
      answerProblem(request, response, 405, 'Method not allowed', `Only ${allow} work here.`, { Allow: allow })
    } else if (path === '/dashboard/login.css') {
      const headers = { 'Content-Type': 'text/css; charset=utf-8', 'Cache-Control': 'no-cache' }
      answer(request, response, 200, headers, loginStyle)
    } else if (path === '/dashboard/login' && isPost) {
      await signIn(request, response, gate)
    } else if (isForm) {
      redirect(response, isPost && gate.check(request).ok ? gate.signOut(request) : undefined)
    } else {
      const verdict = gate.check(request)
      if (verdict.ok) showPage(request, response, page)
      else refuse(request, response, verdict)
    }
  }
}

function showPage(request: IncomingMessage, response: ServerResponse, page: PageHandler | undefined): void {
  response.setHeader('Content-Security-Policy', dashboardPolicy)
  if (page === undefined) {
    answerProblem(request, response, 404, 'No dashboard here', 'It was not built. The API under /api/v1 works.')
    return
  }
  page(request, response, () => answerProblem(request, response, 404, 'Not found', 'There is nothing at this address.'))
}

async function signIn(request: IncomingMessage, response: ServerResponse, gate: AdminGate): Promise<void> {
  const body = await readBody(request, maxFormBytes)
  const token = body.ok ? new URLSearchParams(body.text).get('token') : null
  const verdict = gate.signIn(request, token?.trim() ?? '')
  if (verdict.ok) redirect(response, verdict.cookie)
  else refuse(request, response, verdict)
}

const messages: Readonly<Record<AdminRefusal, string | undefined>> = {
  'admin/no-token': undefined,
  'admin/wrong-token': 'That is not this relay’s admin token.',
  'admin/too-many-attempts': 'Too many wrong tokens came from your address. Wait a moment, then try again.',
  'admin/cross-site': 'This form was sent from another place. Please sign in here.',
}

/** The way in, for a person; a problem, for a program. */
function refuse(request: IncomingMessage, response: ServerResponse, verdict: Verdict & { readonly ok: false }): void {
  const problem = adminProblem(verdict.code, verdict.retryAfterSeconds)
  if (/\bjson\b/.test(request.headers.accept ?? '')) {
    answerApiProblem(request, response, problem)
    return
  }
  const status = verdict.code === 'admin/too-many-attempts' ? 429 : verdict.code === 'admin/cross-site' ? 403 : 401
  const headers = { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store', ...problem.headers }
  answer(request, response, status, headers, loginPage(messages[verdict.code]))
}

/** To the dashboard, which shows the way in to whoever has not signed in. */
function redirect(response: ServerResponse, cookie?: string): void {
  response
    .writeHead(303, {
      Location: '/dashboard',
      'Cache-Control': 'no-store',
      ...(cookie !== undefined && { 'Set-Cookie': cookie }),
    })
    .end()
}
