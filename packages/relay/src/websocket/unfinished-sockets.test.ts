import { type Server, createServer } from 'node:http'
import { type AddressInfo, type Socket, connect } from 'node:net'

import { afterEach, expect, test } from 'vitest'

import { type FakeTimers, createFakeTimers } from '../../test-support/fake-timers.ts'
import { until } from '../../test-support/start-relay.ts'
import { createAddressSet } from '../addresses/address-prefix.ts'
import { UnfinishedSockets } from './unfinished-sockets.ts'

const cleanups: Array<() => unknown> = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

interface Bench {
  readonly server: Server
  readonly sockets: UnfinishedSockets
  readonly timers: FakeTimers
  readonly refused: string[]
  /** Connects, and resolves when the server has noticed, and has read what was sent. */
  readonly open: (text?: string) => Promise<Socket>
}

async function start(options: { maxPerAddress?: number; trusted?: string[] } = {}): Promise<Bench> {
  const server = createServer((_request, response) => void response.end('the page'))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const timers = createFakeTimers()
  const refused: string[] = []
  const sockets = new UnfinishedSockets({
    server,
    timers,
    maxPerAddress: options.maxPerAddress ?? Number.POSITIVE_INFINITY,
    trustedProxies: createAddressSet(options.trusted ?? []),
    onRefused: reason => void refused.push(reason),
  })
  sockets.start()
  cleanups.push(async () => {
    await sockets.stop()
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return {
    server,
    sockets,
    timers,
    refused,
    async open(text = '') {
      const noticed = new Promise<Socket>(resolve => void server.once('connection', resolve))
      const socket = connect(port, '127.0.0.1')
      cleanups.push(() => socket.destroy())
      socket.on('error', () => {})
      const accepted = await noticed
      if (text !== '') socket.write(text)
      await until('it is read', () => accepted.bytesRead === text.length)
      return socket
    },
  }
}

const closed = (socket: Socket): Promise<void> => new Promise(resolve => void socket.once('close', () => resolve()))

test('[B7] a socket that says nothing, and one that dribbles its headers, are closed after 10 s and counted', async () => {
  const { sockets, timers, refused, open } = await start()
  const gone = Promise.all([closed(await open()), closed(await open('GET / HTTP/1.1\r\nHost:'))])
  timers.advance(9_000)
  expect([sockets.size, refused]).toEqual([2, []])
  timers.advance(2_000)
  await gone
  expect([sockets.size, refused]).toEqual([0, ['http/unused', 'http/slow-headers']])
})

test('a request that is complete, an upgrade, and a client that leaves are nobody’s concern any more', async () => {
  const { server, sockets, timers, refused, open } = await start()
  server.on('upgrade', (_request, socket) => void cleanups.push(() => socket.destroy()))
  const page = await open('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await new Promise(resolve => void page.once('data', resolve))
  await open('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  const leaver = await open()
  leaver.destroy()
  await until('nothing is left', () => sockets.size === 0)
  timers.advance(60_000)
  expect(refused).toEqual([])
  expect(page.destroyed).toBe(false)
})

test('[B7] one address has so many at once; when some are done there is room again', async () => {
  const { sockets, refused, open } = await start({ maxPerAddress: 2 })
  const first = await open()
  await open()
  await closed(await open())
  expect([sockets.size, refused]).toEqual([2, ['http/address']])
  first.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await until('the first is done', () => sockets.size === 1)
  await open()
  expect([sockets.size, refused.length]).toEqual([2, 1])
})

test('a trusted proxy, behind which everybody is, has no limit of its own', async () => {
  const { sockets, refused, open } = await start({ maxPerAddress: 1, trusted: ['127.0.0.1'] })
  await open()
  await open()
  expect([sockets.size, refused]).toEqual([2, []])
})

test('[B7] beyond 1,024 the oldest goes, so that nobody can keep others out', async () => {
  const { sockets, refused, open } = await start()
  const oldest = closed(await open())
  for (let index = 0; index < 1_024; index += 1) await open()
  await oldest
  expect([sockets.size, refused]).toEqual([1_024, ['http/unfinished']])
})
