import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { type AdminGate, createAdminGate } from './admin-gate.ts'
import { createAttempts } from './attempts.ts'
import { createClientAddresses } from './client-address.ts'
import { type Sessions, openSessions } from './sessions.ts'

const token = 'the-right-token-of-this-relay'
let dataDir: string
let now: number
let sessions: Sessions
let gate: AdminGate
let told: string[]
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tsugi-gate-'))
  now = 1_000_000
  told = []
  sessions = await openSessions({ dataDir, token, onError: error => told.push(String(error)), now: () => now })
  const addresses = createClientAddresses(['10.0.0.1'])
  gate = createAdminGate({
    token,
    sessions,
    attempts: createAttempts(() => now),
    addressOf: addresses.of,
    isProxied: addresses.isProxied,
    onRefused: (reason, address) => told.push(`${reason} ${address}`),
  })
})
afterEach(async () => {
  await sessions.saved()
  await rm(dataDir, { recursive: true })
})

function ask(headers: Record<string, string>, { method = 'GET', from = '192.0.2.1' } = {}): IncomingMessage {
  return { method, headers: { host: 'relay.example', ...headers }, socket: { remoteAddress: from } } as never
}
const bearer = (value: string) => ({ authorization: `Bearer ${value}` })

describe('B8: the admin token', () => {
  test('opens the API as a bearer token, and nothing else does', () => {
    expect(gate.check(ask(bearer(token)))).toEqual({ ok: true })
    expect(gate.check(ask({ authorization: `bearer ${token}` }, { method: 'DELETE' }))).toEqual({ ok: true })
    for (const wrong of [`${token}x`, token.slice(1), 'x', token.toUpperCase()]) {
      expect(gate.check(ask(bearer(wrong)))).toEqual({ ok: false, code: 'admin/wrong-token' })
    }
    for (const none of [
      {},
      { authorization: token },
      { authorization: `Basic ${token}` },
      { cookie: 'tsugi-admin=x' },
    ]) {
      expect(gate.check(ask(none as Record<string, string>))).toEqual({ ok: false, code: 'admin/no-token' })
    }
  })

  test('B7: ten wrong ones from one address are too many, and the right one is not told from them until time has passed', () => {
    for (let index = 0; index < 10; index += 1) gate.check(ask(bearer('guess')))
    expect(gate.check(ask(bearer(token)))).toEqual({
      ok: false,
      code: 'admin/too-many-attempts',
      retryAfterSeconds: 6,
    })
    expect(gate.check(ask(bearer(token), { from: '192.0.2.2' }))).toEqual({ ok: true })
    now += 6_000
    expect(gate.check(ask(bearer(token)))).toEqual({ ok: true })
    expect(gate.refusals()).toEqual({ 'admin/wrong-token': 10, 'admin/too-many-attempts': 1 })
    expect(told).toContain('admin/wrong-token 192.0.2.1')
    expect(told.join(' ')).not.toContain('guess')
  })

  test('B7: an IPv6 /64 is one address, and a forwarded address counts only where the proxy is trusted', () => {
    for (let index = 0; index < 10; index += 1) gate.check(ask(bearer('x'), { from: `2001:db8::${index}` }))
    expect(gate.check(ask(bearer(token), { from: '2001:db8::ffff' })).ok).toBe(false)
    const forwarded = { 'x-forwarded-for': '198.51.100.1' }
    for (let index = 0; index < 10; index += 1) gate.check(ask({ ...bearer('x'), ...forwarded }, { from: '10.0.0.1' }))
    expect(gate.check(ask({ ...bearer(token), ...forwarded }, { from: '10.0.0.1' })).ok).toBe(false)
    expect(gate.check(ask(bearer(token), { from: '10.0.0.1' })).ok).toBe(true)
    expect(gate.check(ask({ ...bearer(token), ...forwarded }, { from: '192.0.2.9' })).ok).toBe(true)
  })
})

describe('a session', () => {
  const own = { 'sec-fetch-site': 'same-origin' }
  const signIn = (headers: Record<string, string> = own) => gate.signIn(ask(headers, { method: 'POST' }), token)
  const cookieOf = (outcome: ReturnType<typeof signIn>) => (outcome.cookie ?? '').split(';', 1)[0] ?? ''

  test('begins with the right token, and its cookie can neither be read by scripts nor sent by other sites', () => {
    const outcome = signIn()
    expect(outcome.cookie).toMatch(/^tsugi-admin=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
    expect(gate.check(ask({ cookie: `a=b; ${cookieOf(outcome)}` }))).toEqual({ ok: true })
    expect(gate.signIn(ask(own, { method: 'POST' }), 'wrong')).toEqual({ ok: false, code: 'admin/wrong-token' })
  })

  test('is sent over TLS only where a trusted proxy says that it came so', () => {
    const headers = { ...own, 'x-forwarded-proto': 'https' }
    expect(gate.signIn(ask(headers, { method: 'POST', from: '10.0.0.1' }), token).cookie).toContain('; Secure')
    expect(gate.signIn(ask(headers, { method: 'POST' }), token).cookie).not.toContain('Secure')
  })

  test('changes something only from a page of this relay', () => {
    const cookie = cookieOf(signIn())
    const change = (headers: Record<string, string>, from?: string) =>
      gate.check(ask({ cookie, ...headers }, { method: 'DELETE', ...(from !== undefined && { from }) })).ok
    expect(change(own)).toBe(true)
    expect(change({ origin: 'https://relay.example' })).toBe(true)
    expect(change({ origin: 'https://public.example', 'x-forwarded-host': 'public.example' }, '10.0.0.1')).toBe(true)
    for (const headers of [
      {},
      { 'sec-fetch-site': 'cross-site', origin: 'https://relay.example' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'https://evil.example', 'x-forwarded-host': 'evil.example' },
    ]) {
      expect(change(headers as Record<string, string>)).toBe(false)
    }
    expect(gate.signIn(ask({ origin: 'null' }, { method: 'POST' }), token)).toEqual({
      ok: false,
      code: 'admin/cross-site',
    })
  })

  test('goes on while its address may try no token, and ends when it is signed out', () => {
    const cookie = cookieOf(signIn())
    for (let index = 0; index < 20; index += 1) gate.check(ask(bearer('guess')))
    expect(gate.check(ask({ cookie })).ok).toBe(true)
    expect(gate.signOut(ask({ cookie }))).toMatch(/^tsugi-admin=; .*Max-Age=0$/)
    expect(gate.check(ask({ cookie }))).toEqual({ ok: false, code: 'admin/no-token' })
  })
})
