import type { AdminRefusal } from '../../admin/admin-gate.ts'

/** Every error of the API: its status and its title. The code is the last part of the problem's `type`. */
const problems = {
  'admin/no-token': { status: 401, title: 'Token missing' },
  'admin/wrong-token': { status: 401, title: 'Wrong token' },
  'admin/too-many-attempts': { status: 429, title: 'Too many attempts' },
  'admin/cross-site': { status: 403, title: 'Not from a page of this relay' },
  'request/invalid': { status: 400, title: 'Invalid request' },
  'request/not-found': { status: 404, title: 'Not found' },
  'request/method': { status: 405, title: 'Method not allowed' },
  'request/media-type': { status: 415, title: 'Unsupported media type' },
  'body/too-large': { status: 413, title: 'Too large' },
  'body/cut-off': { status: 400, title: 'Body cut off' },
  'peer/not-found': { status: 404, title: 'No such peer' },
  'circuit/not-found': { status: 404, title: 'No such circuit' },
  'archive/not-found': { status: 404, title: 'No such published game' },
  'ban/not-found': { status: 404, title: 'No such ban' },
  'ban/invalid': { status: 422, title: 'Nothing that can be banned' },
  'ban/full': { status: 409, title: 'No room for another ban' },
} as const satisfies Record<string, { status: number; title: string }> & Record<AdminRefusal, unknown>

/** What went wrong, as a code of the API. */
export type ProblemCode = keyof typeof problems

/** An error of the API (RFC 9457). */
export interface Problem {
  readonly code: ProblemCode
  /** One sentence or two for whoever reads it. */
  readonly detail: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Every code with its status, for the documentation's test. */
export const problemStatuses: Readonly<Record<ProblemCode, number>> = Object.fromEntries(
  Object.entries(problems).map(([code, { status }]) => [code, status]),
) as Record<ProblemCode, number>

/** The body of a problem, and its status. */
export function problemBody({ code, detail }: Problem): {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: ProblemCode
} {
  return { type: `urn:tsugi:problem:${code}`, ...problems[code], detail, code }
}

/** The problem of a request that is not an operator's. */
export function adminProblem(code: AdminRefusal, retryAfterSeconds: number | undefined): Problem {
  const details: Record<AdminRefusal, string> = {
    'admin/no-token':
      'Send the admin token as "Authorization: Bearer …". It is in the file admin-token of the data directory.',
    'admin/wrong-token': 'This is not the admin token. It is in the file admin-token of the data directory.',
    'admin/too-many-attempts': 'Too many wrong tokens came from this address. Wait a moment.',
    'admin/cross-site': 'With a session, only the dashboard itself may change something.',
  }
  return {
    code,
    detail: details[code],
    headers: {
      ...(problems[code].status === 401 && { 'WWW-Authenticate': 'Bearer realm="tsugi-relay"' }),
      ...(retryAfterSeconds !== undefined && { 'Retry-After': String(retryAfterSeconds) }),
    },
  }
}
