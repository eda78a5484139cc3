import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const cleanups: Array<() => unknown> = []
let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tsugi-relay-app-'))
  cleanups.push(() => rm(dataDir, { recursive: true, force: true }))
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

interface Run {
  readonly child: ChildProcess
  readonly stdout: () => string
  readonly stderr: () => string
  readonly exited: Promise<number | null>
  /** Waits for the first whole line on stdout. */
  readonly firstLine: Promise<string>
}

/** Runs the command from its sources, as a process of its own. */
function run(...args: string[]): Run {
  return runBy([process.execPath], ...args)
}
function runBy([program = '', ...words]: string[], ...args: string[]): Run {
  const main = join(import.meta.dirname, 'main.ts')
  const child = spawn(program, [...words, '--conditions=@tsugi/source', main, ...args], {
    env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  cleanups.push(() => void child.kill('SIGKILL'))
  let [stdout, stderr] = ['', '']
  const firstLine = new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      if (stdout.includes('\n')) resolve(stdout.slice(0, stdout.indexOf('\n')))
    })
    child.once('exit', code => reject(new Error(`ended with ${code} before it was ready: ${stderr}`)))
  })
  firstLine.catch(() => {})
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const exited = once(child, 'close').then(([code]) => code as number | null)
  return { child, stdout: () => stdout, stderr: () => stderr, exited, firstLine }
}
const free = (...more: string[]) =>
  ['--host', '127.0.0.1', '--port', '0', '--udp-port', '0', '--webtransport-port', 'off', '--stun-port', '0']
    .concat('--data-dir', dataDir)
    .concat(more)
interface Ready {
  readonly event: string
  readonly peerId: string
  readonly http: string
  readonly multiaddrs: string[]
  readonly pid: number
}

describe('--json', () => {
  test('prints exactly one line on stdout, which is the ready object, and logs JSON lines on stderr', async () => {
    const relay = run(...free('--json'))
    const ready = JSON.parse(await relay.firstLine) as Ready
    expect(Object.keys(ready)).toEqual(['event', 'peerId', 'http', 'multiaddrs', 'pid'])
    expect(ready).toMatchObject({ event: 'ready', pid: relay.child.pid })
    expect(ready.peerId).toMatch(/^12D3KooW/)
    expect(ready.http).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    const port = new URL(ready.http).port
    expect(ready.multiaddrs).toContain(`/ip4/127.0.0.1/tcp/${port}/ws/p2p/${ready.peerId}`)
    expect(ready.multiaddrs.some(each => each.includes('/webrtc-direct/certhash/'))).toBe(true)
    const health = await fetch(`${ready.http}/health`)
    expect(health.status).toBe(200)
    relay.child.kill('SIGTERM')
    expect(await relay.exited).toBe(0)
    expect(relay.stdout()).toBe(`${JSON.stringify(ready)}\n`)
    const messages = relay
      .stderr()
      .trim()
      .split('\n')
      .map(line => (JSON.parse(line) as { msg: string }).msg)
    expect(messages).toEqual(['the admin token is in this file', 'ready', 'draining: no new peers', 'stopped'])
  })
})

test('for people it prints the address to open, and SIGINT ends it as well', async () => {
  const relay = run(...free())
  expect(await relay.firstLine).toMatch(/^Ready: http:\/\/127\.0\.0\.1:\d+/)
  relay.child.kill('SIGINT')
  expect(await relay.exited).toBe(0)
  const lines = relay.stderr().trimEnd().split('\n')
  expect(lines).toEqual([
    expect.stringMatching(/admin-token/),
    expect.stringMatching(
      /INFO: ready \{"version":"[^"]+","peerId":"12D3KooW\w+","http":"http:\/\/127\.0\.0\.1:\d+"\}/,
    ),
    expect.stringMatching(/SIGINT/),
    expect.stringMatching(/stopped/),
  ])
})

test('a closed terminal drains it: SIGHUP, again from a wrapper, and nowhere to write its log', async () => {
  // What is written to a terminal that is gone fails as on a full disk.
  const relay = runBy(['/bin/sh', '-c', 'exec "$0" "$@" 2>/dev/full', process.execPath], ...free('--json'))
  await relay.firstLine
  relay.child.kill('SIGHUP')
  relay.child.kill('SIGINT')
  expect(await relay.exited).toBe(0)
  // Written by a stop in order, as its last act.
  expect((await stat(join(dataDir, 'history.json'))).isFile()).toBe(true)
})

test('the peer id, the certificate and the ports survive a restart: every address stays valid', async () => {
  const first = run(...free('--json'))
  const before = JSON.parse(await first.firstLine) as Ready
  first.child.kill('SIGTERM')
  await first.exited
  const udpPort = /\/udp\/(\d+)\/webrtc-direct\/certhash\//.exec(before.multiaddrs.join(' '))?.[1] ?? ''
  const ports = ['--port', new URL(before.http).port, '--udp-port', udpPort, '--webtransport-port', 'off']
  const second = run('--host', '127.0.0.1', ...ports, '--stun-port', '0', '--data-dir', dataDir, '--json')
  const after = JSON.parse(await second.firstLine) as Ready
  second.child.kill('SIGTERM')
  await second.exited
  expect(udpPort).not.toBe('')
  expect(after.peerId).toBe(before.peerId)
  expect(after.multiaddrs).toEqual(before.multiaddrs)
})

describe('B8: the operator’s side', () => {
  const ask = (http: string, path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
    fetch(`${http}${path}`, { headers, redirect: 'manual', ...init })

  test('wants the token that the data directory keeps, and no log ever shows it', async () => {
    const relay = run(...free('--json', '--log-level', 'trace'))
    const { http } = JSON.parse(await relay.firstLine) as Ready
    const path = join(dataDir, 'admin-token')
    const token = (await readFile(path, 'utf8')).trim()
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    const refused = await ask(http, '/api/v1/stats')
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="tsugi-relay"'])
    expect(await refused.json()).toMatchObject({ type: 'urn:tsugi:problem:admin/no-token', status: 401 })
    expect((await ask(http, `/api/v1/stats?token=${token}`)).status).toBe(401)
    expect((await ask(http, '/api/v1/stats', { Authorization: `Bearer ${token.slice(1)}` })).status).toBe(401)
    const stats = await ask(http, '/api/v1/stats', { Authorization: `Bearer ${token}` })
    expect(await stats.json()).toMatchObject({ peers: 0, refusals: { 'admin/wrong-token': 1 } })
    expect(await (await fetch(`${http}/metrics`)).text()).toContain(
      'tsugi_refusals_total{reason="admin/wrong-token"} 1',
    )
    relay.child.kill('SIGTERM')
    expect(await relay.exited).toBe(0)
    expect(relay.stderr()).toContain(path)
    expect(relay.stderr() + relay.stdout()).not.toContain(token)
    expect(relay.stderr() + relay.stdout()).not.toContain(token.slice(1))
  })

  test('a browser signs in by a form, and a restart of the relay signs nobody out and forgets no counter', async () => {
    const first = run(...free('--json', '--admin-token', 'a-token-of-my-own'))
    const { http } = JSON.parse(await first.firstLine) as Ready
    const door = await ask(http, '/dashboard')
    expect([door.status, door.headers.get('content-type')]).toEqual([401, 'text/html; charset=utf-8'])
    expect(await door.text()).toContain('<form method="post" action="/dashboard/login">')
    const post = (origin: string, token: string) =>
      ask(http, '/dashboard/login', { Origin: origin }, { method: 'POST', body: new URLSearchParams({ token }) })
    const wrong = await post(http, '<b>wrong</b>')
    expect(wrong.status).toBe(401)
    expect(await wrong.text()).not.toContain('<b>')
    expect((await post('http://evil.example', 'a-token-of-my-own')).status).toBe(403)
    const signedIn = await post(http, 'a-token-of-my-own')
    expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, '/dashboard'])
    const Cookie = (signedIn.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? ''
    expect((await ask(http, '/api/v1/stats', { Cookie })).status).toBe(200)
    first.child.kill('SIGTERM')
    expect(await first.exited).toBe(0)

    const second = run(...free('--json', '--port', new URL(http).port, '--admin-token', 'a-token-of-my-own'))
    await second.firstLine
    const stats = await ask(http, '/api/v1/stats', { Cookie })
    expect(await stats.json()).toMatchObject({ refusals: { 'admin/wrong-token': 1, 'admin/cross-site': 1 } })
    const crossSite = { Cookie, 'Sec-Fetch-Site': 'cross-site' }
    expect((await ask(http, '/api/v1/peers/x', crossSite, { method: 'DELETE' })).status).toBe(403)
    const out = await ask(http, '/dashboard/logout', { Cookie, Origin: http }, { method: 'POST' })
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0')
    expect((await ask(http, '/api/v1/stats', { Cookie })).status).toBe(401)
  })

  test('a history that cannot be read is a line in the log, not an end', async () => {
    await writeFile(join(dataDir, 'history.json'), '{"version":1,')
    const relay = run(...free('--json'))
    await relay.firstLine
    expect(relay.stderr()).toContain('the history of earlier runs cannot be read')
  })

  test('a token file that holds none is one line, and exit code 2', async () => {
    await writeFile(join(dataDir, 'admin-token'), '')
    const relay = run(...free())
    expect(await relay.exited).toBe(2)
    expect(relay.stderr()).toMatch(/^tsugi-relay: [^\n]*admin-token holds no token[^\n]*\n$/)
  })
})

test('--help and --version print and end', async () => {
  const help = run('--help')
  expect(await help.exited).toBe(0)
  expect(help.stdout()).toContain('--udp-port <port|off>')
  const version = run('--version')
  expect(await version.exited).toBe(0)
  expect(version.stdout()).toMatch(/^\d+\.\d+\.\d+\n$/)
})

describe('what it cannot start with is one line on stderr and exit code 2', () => {
  const outcomeOf = async (relay: Run) => ({ code: await relay.exited, stdout: relay.stdout(), stderr: relay.stderr() })
  /** One line that names the command and says what `what` says. */
  const refusal = (what: string) => ({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(new RegExp(`^tsugi-relay: [^\\n]*${what}[^\\n]*\\n$`)) as string,
  })

  test('a flag that does not exist', async () => {
    expect(await outcomeOf(run('--prot', '1'))).toEqual(refusal('--prot'))
  })

  test('a TCP port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    cleanups.push(() => server.close())
    const { port } = server.address() as { port: number }
    expect(await outcomeOf(run(...free('--port', String(port))))).toEqual(refusal(`TCP port ${port} .* already in use`))
  })

  test.each(['--udp-port', '--stun-port'])('a UDP port that is taken: %s', async flag => {
    const socket = createSocket('udp4')
    await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
    cleanups.push(() => socket.close())
    const { port } = socket.address()
    expect(await outcomeOf(run(...free(flag, String(port))))).toEqual(refusal(`UDP port ${port} .* already in use`))
  })

  test('a data directory that is a file', async () => {
    const file = join(dataDir, 'file')
    await writeFile(file, '')
    expect(await outcomeOf(run(...free('--data-dir', file)))).toEqual(refusal('data directory .*file cannot be used'))
  })

  test('a data directory that another relay uses', async () => {
    const first = run(...free('--json'))
    await first.firstLine
    expect(await outcomeOf(run(...free()))).toEqual(refusal('in use by another relay'))
  })

  test('a folder without a page', async () => {
    expect(await outcomeOf(run(...free('--web-dir', dataDir)))).toEqual(refusal('no index\\.html'))
  })
})
