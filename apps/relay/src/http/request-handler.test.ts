import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type Server, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { parseWellKnown } from '@tsugi/protocol'
import { type Relay, createRelay } from '@tsugi/relay'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { watchProcess } from '../history/process-watch.ts'
import { totalsOf } from '../history/totals.ts'
import { type Metrics, createMetrics } from './metrics.ts'
import { createPage } from './page.ts'
import { createRequestHandler } from './request-handler.ts'

const script = `export const line = 'the same again and again'\n`.repeat(100)
let folder: string
let server: Server
let relay: Relay
let metrics: Metrics
let origin: string
let isStarted = true
const watch = watchProcess()

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tsugi-page-'))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>page</title>')
  writeFileSync(join(folder, 'assets', 'main-abc123.js'), script)
  const page = await createPage(folder)
  await page?.compressed
  server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  relay = await createRelay({ httpServer: server, stunPort: 0, limits: { relayPeers: 3 } })
  const current = () => (isStarted ? relay : undefined)
  const figures = () => current() && { stats: relay.stats(), totals: totalsOf(relay.stats()) }
  metrics = createMetrics({ figures, watch, version: '1.2.3' })
  server.on(
    'request',
    createRequestHandler({
      relay: current,
      metrics,
      page: page?.handle,
      memoryLimitBytes: 500_000_000,
      admin: () => undefined,
    }),
  )
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await relay.stop()
  metrics.close()
  watch.close()
  server.closeAllConnections()
  await new Promise(resolve => void server.close(resolve))
  rmSync(folder, { recursive: true })
})
const get = (path: string, init?: RequestInit) => fetch(`${origin}${path}`, init)

describe('the page', () => {
  test('is served from memory: a build that replaces its files meanwhile breaks nothing', async () => {
    rmSync(join(folder, 'assets', 'main-abc123.js'))
    const response = await get('/assets/main-abc123.js', { headers: { 'Accept-Encoding': 'identity' } })
    expect(response.status).toBe(200)
    expect(await response.text()).toBe(script)
    expect((await get('/assets/../package.json')).status).toBe(404)
  })

  test('is served with its type, an entity tag and a strict policy', async () => {
    const response = await get('/')
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('<title>page</title>')
    expect(response.headers.get('content-type')).toMatch(/^text\/html/)
    expect(response.headers.get('cache-control')).toBe('no-cache')
    const again = await get('/', { headers: { 'If-None-Match': response.headers.get('etag') ?? '' } })
    expect(again.status).toBe(304)
    const tags = `"another", W/${response.headers.get('etag')}`
    expect((await get('/', { headers: { 'If-None-Match': tags } })).status).toBe(304)
  })

  test('is found by an address in the absolute form too, which proxies send', async () => {
    const status = (path: string) =>
      new Promise<number>((resolve, reject) => {
        const { port } = server.address() as AddressInfo
        const asked = request({ port, host: '127.0.0.1', path }, response => {
          response.resume()
          resolve(response.statusCode ?? 0)
        })
        asked.once('error', reject).end()
      })
    expect(await status('http://relay.example/')).toBe(200)
    expect(await status('http://relay.example')).toBe(200)
    expect(await status('http://relay.example/health?now')).toBe(200)
    expect(await status('http://relay.example/none')).toBe(404)
  })

  test('scripts come from this origin only, and nothing may frame it', async () => {
    const policy = (await get('/')).headers.get('content-security-policy') ?? ''
    const directives = new Map(policy.split('; ').map(each => [each.split(' ')[0], each]))
    expect(directives.get('default-src')).toBe("default-src 'none'")
    expect(directives.get('script-src')).toBe("script-src 'self'")
    expect(directives.get('style-src')).toBe("style-src 'self'")
    expect(directives.get('frame-ancestors')).toBe("frame-ancestors 'none'")
    expect(directives.get('object-src')).toBe("object-src 'none'")
    expect(directives.get('base-uri')).toBe("base-uri 'none'")
    expect(policy).not.toMatch(/unsafe/)
  })

  test('files with a hash in their name are kept for ever', async () => {
    const response = await get('/assets/main-abc123.js')
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(response.headers.get('content-type')).toMatch(/javascript/)
  })

  test.each(['br', 'gzip'])('text is compressed with %s for those who take it, and asked for once', async encoding => {
    const headers = { 'Accept-Encoding': encoding }
    const response = await get('/assets/main-abc123.js', { headers })
    expect(response.headers.get('content-encoding')).toBe(encoding)
    expect(response.headers.get('vary')).toBe('Accept-Encoding')
    expect(Number(response.headers.get('content-length'))).toBeLessThan(300)
    expect(await response.text()).toBe(script)
    const again = { ...headers, 'If-None-Match': response.headers.get('etag') ?? '' }
    expect((await get('/assets/main-abc123.js', { headers: again })).status).toBe(304)
  })

  test('text stays as it is for those who do not, and small files always do', async () => {
    const plain = await get('/assets/main-abc123.js', { headers: { 'Accept-Encoding': 'br;q=0, identity' } })
    expect(plain.headers.get('content-encoding')).toBeNull()
    expect(plain.headers.get('vary')).toBe('Accept-Encoding')
    expect(await plain.text()).toBe(script)
    expect((await get('/')).headers.get('content-encoding')).toBeNull()
  })

  test.each(['/../package.json', '/%2e%2e/package.json', '/assets/..%2f..%2fx', '/assets', '/none', '/%', '/%00'])(
    'there is nothing at %s',
    async path => {
      const status = await new Promise<number>((resolve, reject) => {
        const plain = request(`${origin}/`, { path }, response => {
          response.resume()
          resolve(response.statusCode ?? 0)
        })
        plain.once('error', reject)
        plain.end()
      })
      expect(status).toBe(404)
    },
  )
})

describe('/health', () => {
  test('keeps its field names', async () => {
    const response = await get('/health')
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      status: 'ok',
      memory_store: { operations: expect.any(Number), logs: expect.any(Number) },
      address_book: { peers: expect.any(Number) },
      streams: { active: 0 },
      gossip_buffer: { entries: 0 },
      relays: { known: 0, connected: 0 },
      relay: { peers: 0, reservations: 0, circuits: 0 },
      memory: { rss_bytes: expect.any(Number), limit_bytes: 500_000_000, level: expect.stringMatching(/normal|warn/) },
      transports: { failed: [], unannounced: [] },
    })
  })

  test('says 503 while the relay starts', async () => {
    isStarted = false
    const [health, wellKnown, scraped] = [
      await get('/health'),
      await get('/.well-known/tsugi.json'),
      await get('/metrics'),
    ]
    isStarted = true
    expect([health.status, wellKnown.status, scraped.status]).toEqual([503, 503, 200])
    expect(await health.json()).toMatchObject({ status: 'starting' })
  })
})

test('[W1] the well-known document can be read from any origin', async () => {
  const response = await get('/.well-known/tsugi.json')
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  expect(parseWellKnown(await response.text())).toMatchObject({ ok: true, value: { peerId: relay.peerId } })
  const preflight = await get('/.well-known/tsugi.json', { method: 'OPTIONS' })
  expect(preflight.status).toBe(204)
})

test('/metrics is Prometheus text with the names that dashboards know', async () => {
  relay.stats()
  const response = await get('/metrics')
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  const text = await response.text()
  for (const name of [
    'memory_store_operations_total',
    'memory_store_logs_total',
    'address_book_peers_total',
    'topic_streams_active_total',
    'gossip_buffer_entries_total',
    'libp2p_relaysvc_status',
    'tsugi_peers',
    'tsugi_topics',
    'tsugi_stun_requests_total',
    'tsugi_event_loop_delay_seconds{quantile="0.99"}',
    'tsugi_info{version="1.2.3"}',
    'process_resident_memory_bytes',
  ]) {
    expect(text).toContain(`\n${name}`)
  }
})

describe('errors', () => {
  test('are problem details for a program and plain text for a person', async () => {
    const problem = await get('/none', { headers: { Accept: 'application/json' } })
    expect(problem.headers.get('content-type')).toBe('application/problem+json')
    expect(await problem.json()).toEqual({
      type: 'about:blank',
      title: 'Not found',
      status: 404,
      detail: 'There is nothing at this address.',
    })
    const text = await get('/none', { headers: { Accept: 'text/html' } })
    expect(text.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  })

  test('while the relay starts, /api and /dashboard are not there yet', async () => {
    const answers = [await get('/api/v1/stats'), await get('/api'), await get('/dashboard')]
    expect(answers.map(each => each.status)).toEqual([503, 503, 503])
    expect(answers[0]?.headers.get('content-type')).toBe('application/problem+json')
  })

  test('other methods are not allowed', async () => {
    const response = await get('/health', { method: 'POST', body: '{}' })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, HEAD')
  })

  test('a large body is refused before it is read', async () => {
    const response = await get('/health', { method: 'POST', body: new Uint8Array(70_000) })
    expect(response.status).toBe(413)
  })

  test('HEAD has the headers and no body', async () => {
    const response = await get('/health', { method: 'HEAD' })
    expect(response.status).toBe(200)
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(100)
    expect(await response.text()).toBe('')
  })

  test('every answer carries the security headers', async () => {
    for (const path of ['/', '/health', '/metrics', '/none']) {
      const { headers } = await get(path)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    }
  })
})
