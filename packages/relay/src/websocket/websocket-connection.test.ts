import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'

import type { Logger, MultiaddrConnection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { Uint8ArrayList } from 'uint8arraylist'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'

import { createWebSocketConnection } from './websocket-connection.ts'

const silent: Logger = Object.assign(() => {}, {
  error: () => {},
  trace: () => {},
  enabled: false,
  newScope: () => silent,
})
const cleanups: Array<() => unknown> = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

/** A connection under test, and the client at the other end of its socket. */
async function pair(): Promise<{ connection: MultiaddrConnection; socket: WebSocket; client: WebSocket }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload: 256 * 1_024 })
  cleanups.push(() => server.close())
  await once(server, 'listening')
  const accepted = once(server, 'connection')
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  cleanups.push(() => client.terminate())
  const [socket] = (await accepted) as [WebSocket]
  await (client.readyState === WebSocket.OPEN ? undefined : once(client, 'open'))
  const connection = createWebSocketConnection({
    socket,
    remoteAddr: multiaddr('/ip4/127.0.0.1/tcp/1/ws'),
    log: silent,
  })
  return { connection, socket, client }
}
const chunk = new Uint8Array(64 * 1_024)

describe('writing', () => {
  test('stops at the ceiling when the far end does not read, and goes on when it does', async () => {
    const { connection, socket, client } = await pair()
    client.pause()
    let sent = 0
    while (connection.send(chunk)) {
      sent += 1
      if (sent > 10_000) throw new Error('never stopped')
      // The kernel's buffers take what they can; only then ours fill.
      await new Promise(resolve => setImmediate(resolve))
    }
    expect(socket.bufferedAmount).toBeLessThan(512 * 1_024)
    let received = 0
    const wanted = (sent + 1) * chunk.length
    const everything = new Promise<void>(resolve => {
      client.on('message', (data: Buffer) => {
        received += data.length
        if (received >= wanted) resolve()
      })
    })
    client.resume()
    await connection.onDrain()
    await everything
    expect(received).toBe(wanted)
    expect(connection.send(chunk)).toBe(true)
  })

  test('joins small pieces into one frame', async () => {
    const { connection, client } = await pair()
    const frame = once(client, 'message') as Promise<[Buffer]>
    connection.send(new Uint8ArrayList(Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)))
    expect([...(await frame)[0]]).toEqual([1, 2, 3])
  })
})

test('frames sent in one turn leave in one write', async () => {
  const { connection, socket, client } = await pair()
  const raw = (socket as WebSocket & { readonly _socket: Duplex })._socket
  let writes = 0
  const [write, writev] = [raw._write.bind(raw), raw._writev?.bind(raw)]
  raw._write = (...args) => {
    writes += 1
    write(...args)
  }
  raw._writev = (...args) => {
    writes += 1
    writev?.(...args)
  }
  let received = 0
  const everything = new Promise<void>(resolve => {
    client.on('message', (data: Buffer) => {
      received += data.length
      if (received === 50 * 200) resolve()
    })
  })
  for (let index = 0; index < 50; index += 1) connection.send(new Uint8Array(200))
  await everything
  expect(writes).toBe(1)
})

describe('reading', () => {
  test('pauses the socket, so the far end’s writes wait, and loses nothing', async () => {
    const { connection, client } = await pair()
    let received = 0
    connection.addEventListener('message', event => {
      received += event.data.byteLength
    })
    connection.pause()
    const total = 200
    for (let index = 0; index < total; index += 1) client.send(chunk)
    // What the kernel and one read hold is little beside 12.5 MiB: the rest has to wait at the client.
    for (let turn = 0; turn < 500; turn += 1) await new Promise(resolve => setImmediate(resolve))
    expect(received).toBe(0)
    expect(client.bufferedAmount).toBeGreaterThan(4 * 1_024 * 1_024)
    expect(connection.readBufferLength).toBeLessThan(1_024 * 1_024)
    const everything = new Promise<void>(resolve => {
      connection.addEventListener('message', () => {
        if (received === total * chunk.length) resolve()
      })
    })
    connection.resume()
    await everything
  })
})

describe('ending', () => {
  test('a clean close of the far end closes, a lost socket resets', async () => {
    const one = await pair()
    const closed = once(one.connection as never, 'close')
    one.client.close()
    await closed
    expect(one.connection.status).toBe('closed')
    const two = await pair()
    const reset = once(two.connection as never, 'close')
    two.client.terminate()
    await reset
    expect(two.connection.status).toBe('reset')
  })

  test('close and abort end the socket', async () => {
    const one = await pair()
    const closed = once(one.client, 'close')
    await one.connection.close()
    expect((await closed)[0]).toBe(1000)
    const two = await pair()
    const gone = once(two.client, 'close')
    two.connection.abort(new Error('enough'))
    expect((await gone)[0]).toBe(1006)
  })

  test('a text frame aborts: libp2p sends binary ones', async () => {
    const { connection, client } = await pair()
    const gone = once(client, 'close')
    client.send('hello')
    await gone
    expect(connection.status).toBe('aborted')
  })
})
