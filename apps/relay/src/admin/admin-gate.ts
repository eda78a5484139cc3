import type { IncomingMessage } from 'node:http'

import type { Attempts } from './attempts.ts'
import { isSameSite } from './same-site.ts'
import { isSameText } from './same-text.ts'
import type { Sessions } from './sessions.ts'

/** Why a request is not an operator's. */
export type AdminRefusal = 'admin/no-token' | 'admin/wrong-token' | 'admin/too-many-attempts' | 'admin/cross-site'

/** What the gate says about a request. */
export type Verdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: AdminRefusal; readonly retryAfterSeconds?: number }

/** The door of the admin API and the dashboard. */
export interface AdminGate {
  /** A bearer token for programs; for browsers the cookie of a session, and a page of ours for what changes something. */
  check(request: IncomingMessage): Verdict
  /** Checks a token that a person typed; answers with the cookie of a new session. */
  signIn(request: IncomingMessage, token: string): Verdict & { readonly cookie?: string }
  /** Ends the session that a request belongs to; answers with the cookie that makes the browser forget it. */
  signOut(request: IncomingMessage): string
  /** How often each reason came up; reasons that never did are absent. */
  refusals(): Readonly<Record<string, number>>
}

/** What {@link createAdminGate} needs. */
export interface AdminGateOptions {
  readonly token: string
  readonly sessions: Sessions
  readonly attempts: Attempts
  /** The client's address, as rate limits count it. */
  readonly addressOf: (request: IncomingMessage) => string
  /** Whether a request came through a proxy that is trusted. */
  readonly isProxied: (request: IncomingMessage) => boolean
  readonly onRefused?: (reason: AdminRefusal, address: string) => void
}

const cookieName = 'tsugi-admin'
const safeMethods = new Set(['GET', 'HEAD'])

/** Creates the gate. */
export function createAdminGate(options: AdminGateOptions): AdminGate {
  const { token, sessions, attempts, addressOf, isProxied } = options
  const counts = new Map<AdminRefusal, number>()

  const refuse = (request: IncomingMessage, code: AdminRefusal, waitMs = 0): Verdict => {
    // Somebody who shows nothing has only not signed in yet.
    if (code !== 'admin/no-token') {
      counts.set(code, (counts.get(code) ?? 0) + 1)
      options.onRefused?.(code, addressOf(request))
    }
    return waitMs === 0 ? { ok: false, code } : { ok: false, code, retryAfterSeconds: Math.ceil(waitMs / 1_000) }
  }
  /** Who tries too often is not told whether the token was right, or guessing would go on. */
  const tryToken = (request: IncomingMessage, shown: string): Verdict => {
    const address = addressOf(request)
    const waitMs = attempts.waitMs(address)
    if (waitMs > 0) return refuse(request, 'admin/too-many-attempts', waitMs)
    if (isSameText(shown, token)) return { ok: true }
    attempts.add(address)
    return refuse(request, 'admin/wrong-token')
  }
  const cookieOf = (request: IncomingMessage, value: string, more: string): string => {
    const isSecure = isProxied(request) && request.headers['x-forwarded-proto'] === 'https'
    return `${cookieName}=${value}; Path=/; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}${more}`
  }

  return {
    check(request) {
      const bearer = /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]
      if (bearer !== undefined) return tryToken(request, bearer)
      const id = sessionIdOf(request)
      if (id === undefined || !sessions.has(id)) return refuse(request, 'admin/no-token')
      if (!safeMethods.has(request.method ?? '') && !isSameSite(request, isProxied(request))) {
        return refuse(request, 'admin/cross-site')
      }
      return { ok: true }
    },
    signIn(request, shown) {
      if (!isSameSite(request, isProxied(request))) return refuse(request, 'admin/cross-site')
      const verdict = tryToken(request, shown)
      return verdict.ok ? { ok: true, cookie: cookieOf(request, sessions.begin(), '') } : verdict
    },
    signOut(request) {
      const id = sessionIdOf(request)
      if (id !== undefined) sessions.end(id)
      return cookieOf(request, '', '; Max-Age=0')
    },
    refusals: () => Object.fromEntries(counts),
  }
}

function sessionIdOf(request: IncomingMessage): string | undefined {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2)
    if (name === cookieName && value !== undefined && /^[\w-]{43}$/.test(value)) return value
  }
  return undefined
}
