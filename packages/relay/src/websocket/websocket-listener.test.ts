import { request } from 'node:http'
import { connect } from 'node:net'

import { expect, test } from 'vitest'
import { WebSocket } from 'ws'

import { createStage } from '../../test-support/stage.ts'
import { until } from '../../test-support/start-relay.ts'

const stage = createStage()

/** Opens a WebSocket; answers whether its handshake passed, or the status that it got. */
async function open(port: number, headers: Record<string, string> = {}): Promise<WebSocket | number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/any/path`, { headers })
  return await new Promise(resolve => {
    socket.once('open', () => resolve(socket))
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
    socket.on('error', () => {})
  })
}

test('the HTTP server goes on serving the page beside the WebSockets', async () => {
  const { port, address } = await stage.relay()
  await stage.guest(address)
  const response = await fetch(`http://127.0.0.1:${port}/`)
  expect(await response.text()).toBe('the page')
})

test('--trust-proxy: peers behind a trusted proxy are counted by their own addresses', async () => {
  const { relay, port } = await stage.relay({ trustProxy: ['127.0.0.0/8'], limits: { addressPeers: 1 } })
  const sockets = [
    await open(port, { 'X-Forwarded-For': '203.0.113.1' }),
    await open(port, { 'X-Forwarded-For': '203.0.113.1' }),
    await open(port, { 'X-Forwarded-For': '203.0.113.2' }),
  ]
  stage.defer(() => sockets.forEach(each => typeof each === 'object' && each.terminate()))
  // Two unfinished handshakes are what an address with one peer may have; a third is closed.
  const third = await open(port, { 'X-Forwarded-For': '203.0.113.1' })
  await until('the third is refused', () => relay.stats().refusals['address/peers'] === 1)
  expect(typeof third).toBe('object')
})

test('without it the header of a client counts for nothing', async () => {
  const { relay, port } = await stage.relay({ limits: { addressPeers: 1 } })
  for (const address of ['203.0.113.1', '203.0.113.2', '203.0.113.3']) {
    const socket = await open(port, { 'X-Forwarded-For': address })
    stage.defer(() => typeof socket === 'object' && socket.terminate())
  }
  await until('the third is refused', () => relay.stats().refusals['address/peers'] === 1)
  expect(relay.stats().peers).toBe(0)
})

test('a text frame, an oversized frame and a reset end their connection and nothing else', async () => {
  const { relay, port, address } = await stage.relay()
  const guest = await stage.guest(address)
  const text = (await open(port)) as WebSocket
  const large = (await open(port)) as WebSocket
  const closed = Promise.all([text, large].map(each => new Promise(resolve => void each.once('close', resolve))))
  text.send('hello')
  large.send(new Uint8Array(300 * 1_024))
  await closed
  const raw = connect(port, '127.0.0.1', () => {
    raw.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n')
    raw.resetAndDestroy()
  })
  await new Promise(resolve => void raw.once('close', resolve))
  expect(guest.getConnections().length).toBe(1)
  expect(relay.stats().peers).toBe(1)
})

test('an upgrade to something that is no WebSocket is answered, not left open', async () => {
  const { port } = await stage.relay()
  const status = await new Promise<number>((resolve, reject) => {
    const upgrade = request({ port, host: '127.0.0.1', headers: { Connection: 'Upgrade', Upgrade: 'h2c' } })
    upgrade.once('response', response => resolve(response.statusCode ?? 0))
    upgrade.once('error', reject)
    upgrade.end()
  })
  expect(status).toBe(400)
})

test('sockets that begin no handshake are bounded: the one beyond gets 503, and there is room again when they end', async () => {
  const none = Number.POSITIVE_INFINITY
  const { relay, port } = await stage.relay({ limits: { addressPeers: none, addressJoinsPerSecond: none } })
  const idle = await Promise.all(Array.from({ length: 512 }, () => open(port)))
  stage.defer(() => idle.forEach(each => typeof each === 'object' && each.terminate()))
  expect(idle.every(each => typeof each === 'object')).toBe(true)
  expect(await open(port)).toBe(503)
  expect(relay.stats().refusals).toEqual({ 'websocket/pending': 1 })
  for (const each of idle) if (typeof each === 'object') each.terminate()
  await until('there is room again', async () => {
    const socket = await open(port)
    if (typeof socket === 'object') socket.terminate()
    return typeof socket === 'object'
  })
})

test('while it drains, new sockets get 503 and those that are open go on', async () => {
  const { relay, port, address } = await stage.relay()
  const guest = await stage.guest(address)
  relay.drain('test')
  expect(await open(port)).toBe(503)
  expect(guest.getConnections().length).toBe(1)
})

test('another version of WebSocket than RFC 6455 has is told which one works', async () => {
  const { port, relay } = await stage.relay()
  const answer = await new Promise<{ status: number | undefined; version: unknown }>((resolve, reject) => {
    const headers = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '8' }
    const upgrade = request({
      port,
      host: '127.0.0.1',
      headers: { ...headers, 'Sec-WebSocket-Key': 'x'.repeat(22) + '==' },
    })
    upgrade.once('response', ({ statusCode, headers: given }) =>
      resolve({ status: statusCode, version: given['sec-websocket-version'] }),
    )
    upgrade.once('error', reject)
    upgrade.end()
  })
  expect(answer).toEqual({ status: 426, version: '13' })
  expect(relay.stats().refusals['websocket/bad-request']).toBe(1)
})
