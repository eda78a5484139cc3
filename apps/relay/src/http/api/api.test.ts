import { readFileSync } from 'node:fs'
import { type Server, createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'

import { defaultLimits } from '@tsugi/protocol'
import {
  type CircuitQuery,
  type CircuitRecord,
  type PeerQuery,
  type PeerView,
  type Relay,
  createRelay,
} from '@tsugi/relay'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { History } from '../../history/history.ts'
import { sampleColumns } from '../../history/sample.ts'
import { totalsOf } from '../../history/totals.ts'
import { archiveRoutes } from './archive-routes.ts'
import { banRoutes } from './ban-routes.ts'
import { circuitRoutes } from './circuit-routes.ts'
import { createApi } from './create-api.ts'
import { peerRoutes } from './peer-routes.ts'
import { problemStatuses } from './problem.ts'
import type { Route } from './route.ts'
import { statsRoutes } from './stats-routes.ts'

const peerView = (peer: string, more: Partial<PeerView> = {}): PeerView => ({
  peer,
  addresses: ['192.0.2.1'],
  transports: ['websocket'],
  connectedAtMs: 1_000,
  app: 'default',
  connections: 1,
  streams: 2,
  circuits: 0,
  reservedUntilMs: null,
  circuitsTotal: 0,
  packetsSent: 0,
  packetsReceived: 0,
  bytesSent: 0,
  bytesReceived: 0,
  ...more,
})
const circuitOf = (id: number, more: Partial<CircuitRecord> = {}): CircuitRecord => ({
  id,
  source: 'alice',
  target: 'bob',
  app: 'default',
  kind: 'circuit',
  state: 'connected',
  port: null,
  createdAtMs: id,
  lastActiveAtMs: id,
  fromSource: { packets: 1, bytes: 10 },
  fromTarget: { packets: 0, bytes: 0 },
  ...more,
})

/** Views of a relay with many peers; what a real one answers is shown in packages/relay and by e2e. */
const peers = [
  peerView('alice', { connectedAtMs: 3_000, app: 'go', reservedUntilMs: 9_000 }),
  peerView('bob', { connectedAtMs: 2_000, addresses: ['2001:db8::1'], transports: ['webrtc-direct'] }),
  ...Array.from({ length: 60 }, (_, index) => peerView(`guest-${index}`)),
]
const circuits = new Map(
  [circuitOf(1), circuitOf(2, { state: 'connecting', app: 'go' }), circuitOf(3, { source: 'carol' })].map(each => [
    each.id,
    each,
  ]),
)
const closedPeers: string[] = []
const queries: PeerQuery[] = []
const circuitQueries: CircuitQuery[] = []
const history = new History()
const values = Object.fromEntries(sampleColumns.map((name, index) => [name, index])) as Record<
  (typeof sampleColumns)[number],
  number
>

let server: Server
let relay: Relay
let origin: string
let routes: Route[]

beforeAll(async () => {
  server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  relay = await createRelay({ httpServer: server })
  const now = Date.now()
  for (let index = 90; index > 0; index -= 1) {
    history.add({ atMs: now - index * 10_000, values, refusals: index === 1 ? { 'address/joins': 2 } : {} })
  }
  const live = () => ({
    stats: relay.stats(),
    totals: { ...totalsOf(relay.stats()), 'refusal/address/joins': 7 },
    sample: { atMs: now, values, refusals: {} },
  })
  routes = [
    ...statsRoutes({ relay, recorder: { live, history }, limits: defaultLimits, version: '1.2.3' }),
    ...peerRoutes({
      findPeers(query) {
        queries.push(query)
        return { total: peers.length, items: peers.slice(query.offset, (query.offset ?? 0) + (query.limit ?? 0)) }
      },
      peer: id => peers.find(each => each.peer === id),
      closePeer: id => peers.some(each => each.peer === id) && closedPeers.push(id) > 0,
      reservations: () => [{ peer: 'alice', sinceMs: 3_000, expiresAtMs: 9_000 }],
    }),
    ...circuitRoutes({
      findCircuits(query) {
        circuitQueries.push(query)
        return { total: 7, items: [...circuits.values()].slice(0, query.limit) }
      },
      circuit: id => circuits.get(id),
      closeCircuit: id => circuits.delete(id),
    }),
    ...banRoutes(relay.bans),
    ...archiveRoutes(relay.archive),
  ]
  const api = createApi(routes)
  server.on('request', (request, response) => void api(request, response))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`
})
afterAll(async () => {
  await relay.stop()
  server.closeAllConnections()
  await new Promise(resolve => void server.close(resolve))
})

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${origin}${path}`, {
    method,
    headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    json: text === '' ? undefined : JSON.parse(text),
  }
}
const get = (path: string) => ask('GET', path)

describe('B8: GET /api/v1/stats', () => {
  test('tells the figures of now, rates, and counters since the first start', async () => {
    const { status, headers, json } = await get('/stats')
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('application/json')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(json).toMatchObject({
      peerId: relay.peerId,
      version: '1.2.3',
      peers: 0,
      circuits: 0,
      reservations: 0,
      isDraining: false,
      memory: { limitBytes: 500_000_000, level: 'normal' },
      rates: { relayedBytesPerSecond: 5 },
      refusals: { 'address/joins': 7 },
      totals: { bytes: 0, packets: 0 },
      limits: { relayPeers: 10_000 },
    })
    expect(Object.keys(json.totals).some(name => name.startsWith('refusal/'))).toBe(false)
  })
})

describe('B8: GET /api/v1/history', () => {
  test('gives columns of one length: every 10 s for up to an hour, every minute for more', async () => {
    const hour = (await get('/history')).json
    expect(hour).toMatchObject({ windowMs: 3_600_000, stepMs: 10_000 })
    expect(hour.atMs).toHaveLength(90)
    expect(hour.values.circuits).toHaveLength(90)
    expect(hour.refusals.at(-1)).toEqual({ 'address/joins': 2 })
    expect((await get('/history?window=5min')).json.atMs).toHaveLength(29)
    const day = (await get('/history?window=24h')).json
    expect(day).toMatchObject({ windowMs: 86_400_000, stepMs: 60_000 })
    expect(day.atMs).toHaveLength(15)
  })

  test.each(['25h', '0s', '1', 'off', 'x', ''])('window=%s is refused', async text => {
    expect(await get(`/history?window=${text}`)).toMatchObject({ status: 400, json: { code: 'request/invalid' } })
  })
})

describe('B8: GET /api/v1/peers', () => {
  test('is paged, the newest first', async () => {
    const first = (await get('/peers')).json
    expect(first).toMatchObject({ total: 62, limit: 50, offset: 0 })
    expect(first.items.slice(0, 2).map((each: PeerView) => each.peer)).toEqual(['alice', 'bob'])
    expect((await get('/peers?offset=50')).json.items).toHaveLength(12)
    expect((await get('/peers?limit=1&offset=1')).json.items[0]).toEqual(peers[1])
    expect((await get('/peers?limit=0')).json).toMatchObject({ total: 62, items: [] })
  })

  test.each([
    ['peer=ali', { peer: 'ali' }],
    ['app=go&address=2001:db8', { app: 'go', address: '2001:db8' }],
    ['transport=webrtc-direct', { transport: 'webrtc-direct' }],
    ['reserved=true', { isReserved: true }],
    ['reserved=false&limit=3', { isReserved: false, limit: 3 }],
  ])('?%s asks the relay for %j', async (query, wanted) => {
    expect((await get(`/peers?${query}`)).status).toBe(200)
    expect(queries.at(-1)).toMatchObject({ limit: 50, offset: 0, ...wanted })
  })

  test.each([
    'limit=501',
    'limit=-1',
    'limit=1.5',
    'limit=x',
    'offset=9999999',
    'reserved=yes',
    'transport=tcp',
    'unknown=1',
    'peer=',
    `peer=${'x'.repeat(300)}`,
    'peer=a&peer=b',
  ])('?%.40s is refused', async query => {
    const { status, headers, json } = await get(`/peers?${query}`)
    expect([status, headers.get('content-type')]).toEqual([400, 'application/problem+json'])
    expect(json).toMatchObject({ type: 'urn:tsugi:problem:request/invalid', status: 400 })
    expect(json.detail).toContain(query.split('=', 1)[0])
  })

  test('one of them, and its end', async () => {
    expect((await get('/peers/alice')).json).toEqual(peers[0])
    expect((await ask('DELETE', '/peers/alice')).status).toBe(204)
    expect(closedPeers).toEqual(['alice'])
    for (const method of ['GET', 'DELETE']) {
      expect(await ask(method, '/peers/nobody')).toMatchObject({ status: 404, json: { code: 'peer/not-found' } })
    }
    expect((await get('/peers/%E0%A4%A')).status).toBe(404)
  })

  test('reservations are listed', async () => {
    expect((await get('/reservations')).json.items).toEqual([{ peer: 'alice', sinceMs: 3_000, expiresAtMs: 9_000 }])
  })
})

describe('B1: /api/v1/circuits', () => {
  test('is asked of the relay by peer, app and state, a page at a time', async () => {
    expect((await get('/circuits')).json).toMatchObject({
      total: 7,
      limit: 50,
      offset: 0,
      items: [...circuits.values()],
    })
    expect((await get('/circuits?peer=bob&app=go&state=connecting&limit=1&offset=2')).json.items).toHaveLength(1)
    expect(circuitQueries).toEqual([
      { limit: 50, offset: 0 },
      { peer: 'bob', app: 'go', state: 'connecting', limit: 1, offset: 2 },
    ])
    expect((await get('/circuits?state=closed')).status).toBe(400)
  })

  test('one is shown, closed, and gone', async () => {
    expect((await get('/circuits/1')).json).toEqual(circuitOf(1))
    expect((await ask('DELETE', '/circuits/1')).status).toBe(204)
    expect(await get('/circuits/1')).toMatchObject({ status: 404, json: { code: 'circuit/not-found' } })
    expect((await ask('DELETE', '/circuits/1')).status).toBe(404)
    for (const id of ['x', '-1', '1.5', '0x1', '99999999999999999999']) {
      expect((await get(`/circuits/${id}`)).status).toBe(404)
    }
  })
})

describe('B7: /api/v1/bans', () => {
  test('a ban is added, listed and lifted', async () => {
    const expiresAtMs = Date.now() + 60_000
    const added = await ask('POST', '/bans', { kind: 'prefix', value: '192.0.2.7/24', reason: 'floods', expiresAtMs })
    expect(added).toMatchObject({
      status: 201,
      json: { kind: 'prefix', value: '192.0.2.0/24', reason: 'floods', expiresAtMs },
    })
    await ask('POST', '/bans', { kind: 'address', value: '198.51.100.1' })
    expect((await get('/bans')).json).toMatchObject({ total: 2 })
    expect((await get('/bans?kind=prefix')).json.items).toEqual([added.json])
    const { id } = added.json as { id: string }
    expect((await ask('DELETE', `/bans/${encodeURIComponent(id)}`)).status).toBe(204)
    expect(await ask('DELETE', `/bans/${encodeURIComponent(id)}`)).toMatchObject({
      status: 404,
      json: { code: 'ban/not-found' },
    })
    const [other] = (await get('/bans')).json.items
    expect((await ask('DELETE', `/bans?id=${encodeURIComponent(other.id)}`)).status).toBe(204)
    expect((await get('/bans')).json.total).toBe(0)
  })

  test.each([
    [{ kind: 'peer', value: 'nobody' }, 422, 'ban/invalid'],
    [{ kind: 'address', value: '300.1.1.1' }, 422, 'ban/invalid'],
    [{ kind: 'address', value: '192.0.2.1', expiresAtMs: 1 }, 422, 'ban/invalid'],
    [{ kind: 'name', value: 'x' }, 400, 'request/invalid'],
    [{ kind: 'peer' }, 400, 'request/invalid'],
    [{ kind: 'peer', value: 1 }, 400, 'request/invalid'],
    [{ kind: 'peer', value: 'x', more: 1 }, 400, 'request/invalid'],
    [{ kind: 'peer', value: 'x', reason: 'x'.repeat(201) }, 400, 'request/invalid'],
    [{ kind: 'peer', value: 'x', expiresAtMs: 'soon' }, 400, 'request/invalid'],
    [[], 400, 'request/invalid'],
    ['{', 400, 'request/invalid'],
    ['', 400, 'request/invalid'],
  ])('%.60j is refused', async (body, status, code) => {
    expect(await ask('POST', '/bans', body)).toMatchObject({ status, json: { status, code } })
  })

  test('a body of another kind, and one that is too large, are refused', async () => {
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
    expect(await ask('POST', '/bans', 'kind=peer', form)).toMatchObject({
      status: 415,
      json: { code: 'request/media-type' },
    })
    const large = JSON.stringify({ kind: 'peer', value: 'x'.repeat(17_000) })
    expect(await ask('POST', '/bans', large)).toMatchObject({ status: 413, json: { code: 'body/too-large' } })
  })

  test('a body that does not say how long it is ends at the ceiling', async () => {
    const status = await new Promise((resolve, reject) => {
      const sent = httpRequest(`${origin}/bans`, { method: 'POST', headers: { 'Content-Type': 'application/json' } })
      sent.once('response', response => resolve(response.statusCode)).once('error', reject)
      for (let index = 0; index < 5; index += 1) sent.write('x'.repeat(4_096))
      sent.end()
    })
    expect(status).toBe(413)
  })
})

describe('what there is not', () => {
  test('another path is 404, another method 405 with those that work', async () => {
    for (const path of ['', '/', '/nothing', '/circuits/1/more', '/peers/']) {
      expect((await get(path)).status).toBe(404)
    }
    const refused = await ask('POST', '/circuits/1', {})
    expect(refused).toMatchObject({ status: 405, json: { code: 'request/method' } })
    expect(refused.headers.get('allow')).toBe('GET, DELETE')
  })

  test('a parameter that nobody reads is refused by its name, wherever it stands', async () => {
    for (const path of ['/stats?x=1', '/circuits/1?x=1', '/peers?x=1', '/archive/a?x=1', '/history?x=1']) {
      expect((await get(path)).json.detail).toBe('"x" is none of the parameters here.')
    }
    expect((await ask('POST', '/bans?x=1', {})).json.detail).toBe('"x" is none of the parameters here.')
    expect((await ask('POST', '/bans', { x: 1 })).json.detail).toMatch(/"kind" is missing|"x" is none/)
    expect((await ask('POST', '/bans', 'null')).json.detail).toBe('What is wanted is a JSON object.')
  })

  test('HEAD has the headers and no body', async () => {
    const response = await fetch(`${origin}/stats`, { method: 'HEAD' })
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('')
  })
})

describe('docs/api.md', () => {
  const page = readFileSync(new URL('../../../../../docs/api.md', import.meta.url), 'utf8')

  test('names every route and no other', () => {
    const documented = [...page.matchAll(/^\| `(GET|POST|DELETE) (\/api\/v1[^`]*)` \|/gm)].map(
      row => `${row[1]} ${row[2]}`,
    )
    expect(documented.toSorted()).toEqual(routes.map(each => `${each.method} /api/v1${each.path}`).toSorted())
  })

  test('names every problem with its status', () => {
    const documented = [...page.matchAll(/^\| `([a-z]+\/[a-z-]+)` \| (\d{3}) \|/gm)].map(row => [
      row[1],
      Number(row[2]),
    ])
    expect(Object.fromEntries(documented)).toEqual(problemStatuses)
  })

  test('names every figure of a sample, and every field of the statistics', async () => {
    const { json } = await get('/stats')
    for (const name of [...sampleColumns, ...Object.keys(json as object)]) expect(page).toContain(`\`${name}\``)
  })
})
