import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { LightPeer } from '@tsugi/testkit/light-peer'
import { afterEach, expect, test } from 'vitest'

const cleanups: Array<() => unknown> = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

interface RelayProcess {
  readonly child: ChildProcess
  readonly exited: Promise<number | null>
  readonly stderr: () => string
  readonly http: () => Promise<string>
}

/**
 * Runs the command from its sources, with room for everybody and the memory that is asked for.
 *
 * @param script - runs in the relay's process before it starts
 */
async function run(maxMemory: string, script = ''): Promise<RelayProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tsugi-memory-'))
  cleanups.push(() => rm(dataDir, { recursive: true, force: true }))
  const nodeFlags = ['--conditions=@tsugi/source', '--import', `data:text/javascript,${encodeURIComponent(script)}`]
  const listen = [
    '--host',
    '127.0.0.1',
    '--port',
    '0',
    '--udp-port',
    'off',
    '--stun-port',
    'off',
    '--webtransport-port',
    'off',
    '--web-dir',
    'off',
  ]
  const limits = ['--address-peers', 'off', '--address-joins', 'off', '--max-memory', maxMemory]
  const main = join(import.meta.dirname, 'main.ts')
  const child = spawn(process.execPath, [...nodeFlags, main, ...listen, ...limits, '--json', '--data-dir', dataDir], {
    env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  cleanups.push(() => void child.kill('SIGKILL'))
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const exited = once(child, 'close').then(([code]) => code as number | null)
  const http = async (): Promise<string> => {
    const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
    return (JSON.parse(line) as { http: string }).http
  }
  return { child, exited, stderr: () => stderr, http }
}

interface Health {
  readonly status: string
  readonly relay: { readonly peers: number }
  readonly memory: { readonly level: string }
}

async function healthOf(http: string): Promise<Health & { readonly code: number }> {
  const response = await fetch(`${http}/health`)
  return { code: response.status, ...((await response.json()) as Health) }
}

async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`did not come true in 60 s: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

test('[B7] a relay that is allowed less memory than it takes by itself says so in one line and exits with 2', async () => {
  const relay = await run('1MB')
  expect(await relay.exited).toBe(2)
  expect(relay.stderr()).toMatch(/^tsugi-relay: [^\n]* takes \d+ MB before anybody has come[^\n]*\n$/)
})

test('[B7] a relay that is full closes some, turns new ones away, and serves again when there is room', async () => {
  // What fills it is memory like any other; the first signal takes it, the second gives it back.
  const ballast = `
    import { setFlagsFromString } from 'node:v8'
    import { runInNewContext } from 'node:vm'
    let held
    process.on('SIGUSR2', () => {
      if (held !== undefined) return (held = null)
      setFlagsFromString('--expose-gc')
      runInNewContext('gc')({ type: 'major', execution: 'sync', flavor: 'last-resort' })
      held = Buffer.alloc(371_000_000 - process.memoryUsage.rss(), 1)
    })`
  const relay = await run('400MB', ballast)
  const http = await relay.http()
  const url = http.replace('http', 'ws')
  const peers = await Promise.all(Array.from({ length: 40 }, () => LightPeer.connect(url)))
  cleanups.push(() => Promise.all(peers.map(each => each.cut())))
  for (const peer of peers) expect(await peer.reserve()).toBe(100)
  relay.child.kill('SIGUSR2')
  await Promise.race(peers.map(each => each.closed))
  expect(await healthOf(http)).toMatchObject({ code: 503, status: 'shedding', memory: { level: 'shed' } })
  expect(await LightPeer.connect(url).catch(() => 'turned away')).toBe('turned away')

  relay.child.kill('SIGUSR2')
  await until('it serves again', async () => (await healthOf(http)).code === 200)
  const { relay: after } = await healthOf(http)
  expect(after.peers).toBeGreaterThan(0)
  expect(after.peers).toBeLessThan(peers.length)
  await until('the level is normal', async () => (await healthOf(http)).memory.level === 'normal')
  const newcomer = await LightPeer.connect(url)
  cleanups.push(() => newcomer.cut())
  expect(await newcomer.reserve()).toBe(100)
  relay.child.kill('SIGTERM')
  expect(await relay.exited).toBe(0)
}, 120_000)

test('[B7] a relay whose memory does not come back tells its peers, says so, and exits with 3', async () => {
  const leak = `
    process.on('SIGUSR2', () => {
      globalThis.leaked = Buffer.alloc(400_000_000, 1)
    })`
  const relay = await run('400MB', leak)
  const http = await relay.http()
  const peer = await LightPeer.connect(http.replace('http', 'ws'))
  expect(await peer.reserve()).toBe(100)
  relay.child.kill('SIGUSR2')
  await peer.closed
  expect(await relay.exited).toBe(3)
  const messages = relay
    .stderr()
    .trim()
    .split('\n')
    .map(line => (JSON.parse(line) as { msg: string }).msg)
  expect(messages).toContain('memory ran out: the relay ends, with exit code 3')
  expect(messages.at(-1)).toBe('stopped')
}, 120_000)
