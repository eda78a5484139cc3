import { randomBytes } from 'node:crypto'
import { type Socket, connect } from 'node:net'

import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'

import { startHonestPair } from '../../test-support/honest-pair.ts'
import { createStage } from '../../test-support/stage.ts'
import { until } from '../../test-support/start-relay.ts'

const stage = createStage()
const upgrade = [
  'GET / HTTP/1.1',
  'Host: x',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '',
  '',
].join('\r\n')

const multistream = Buffer.from('\u0013/multistream/1.0.0\n')
const toNoise = Buffer.concat([multistream, Buffer.from('\u0007/noise\n')])

function open(port: number, bytes: string | Uint8Array = ''): Socket {
  const socket = connect(port, '127.0.0.1', () => void socket.write(bytes))
  // A hostile client is not surprised by a reset.
  socket.on('error', () => {})
  socket.resume()
  stage.defer(() => socket.destroy())
  return socket
}

const closed = (socket: Socket): Promise<void> =>
  socket.closed ? Promise.resolve() : new Promise(resolve => void socket.once('close', () => resolve()))

async function openWebSocket(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`)
  socket.on('error', () => {})
  stage.defer(() => socket.terminate())
  await new Promise(resolve => void socket.once('open', resolve))
  return socket
}

const gone = (socket: WebSocket): Promise<void> =>
  socket.readyState === WebSocket.CLOSED
    ? Promise.resolve()
    : new Promise(resolve => void socket.once('close', () => resolve()))

/** A WebSocket frame by hand: client frames are masked, here with zeros. */
function webSocketFrame(first: number, length: number, body: Uint8Array): Uint8Array {
  const header =
    length < 126
      ? Buffer.from([first, 0x80 | length])
      : Buffer.concat([
          Buffer.from([first, 0x80 | 127]),
          Buffer.from(BigUint64Array.of(BigInt(length)).buffer).reverse(),
        ])
  return Buffer.concat([header, Buffer.alloc(4), body])
}

describe('[B7] before libp2p begins', () => {
  test('half-open TCP, TLS to the plain port, slow headers and half of an upgrade are ended and counted', async () => {
    const started = await stage.relay({ limits: { addressPeers: 100 } })
    const { relay, port } = started
    const honest = await startHonestPair(stage, started)
    const tlsHello = Buffer.concat([Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]), randomBytes(200)])
    const silent = Array.from({ length: 30 }, () => open(port))
    const slow = Array.from({ length: 30 }, () => open(port, 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: '))
    const half = Array.from({ length: 30 }, () => open(port, upgrade.slice(0, -2)))
    const tls = Array.from({ length: 10 }, () => open(port, tlsHello))
    // A letter at a time keeps a socket that looks only at activity.
    const dribble = setInterval(() => slow.forEach(each => each.write('a')), 500)
    stage.defer(() => clearInterval(dribble))
    await honest.talk()
    await Promise.all([...silent, ...slow, ...half, ...tls].map(closed))
    await honest.talk()
    expect(await honest.settled()).toEqual(honest.before)
    const { refusals } = relay.stats()
    expect([refusals['http/unused'], refusals['http/slow-headers']]).toEqual([30, 60])
  })

  test('upgrades that are none are answered with 400, or 426 for another version, and counted', async () => {
    const started = await stage.relay()
    const honest = await startHonestPair(stage, started)
    const texts = [
      [426, upgrade.replace('Version: 13', 'Version: 99')],
      [400, upgrade.replace(/Sec-WebSocket-Key.*\r\n/, '')],
      [400, upgrade.replace('websocket', 'h2c')],
    ] as const
    for (const [status, text] of texts) {
      const socket = open(started.port, text)
      const answer = await new Promise<string>(resolve => void socket.once('data', data => resolve(String(data))))
      expect(answer).toContain(`HTTP/1.1 ${status} `)
      await closed(socket)
    }
    expect(started.relay.stats().refusals).toEqual({ 'websocket/bad-request': 3 })
    await honest.talk()
    expect(await honest.settled()).toEqual(honest.before)
  })
})

describe('[B7] WebSocket frames', () => {
  test.each([
    ['a length beyond any memory', 'websocket/large-frame', webSocketFrame(0x82, 2 ** 50, new Uint8Array(8))],
    ['a length a little too large', 'websocket/large-frame', webSocketFrame(0x82, 256 * 1_024 + 1, new Uint8Array(8))],
    ['an unknown opcode', 'websocket/bad-frame', webSocketFrame(0x83, 4, new Uint8Array(4))],
    ['a frame without a mask', 'websocket/bad-frame', Uint8Array.of(0x82, 1, 0)],
    ['text', 'websocket/text-frame', webSocketFrame(0x81, 4, new Uint8Array(4).fill(97))],
    ['text that is no UTF-8', 'websocket/bad-frame', webSocketFrame(0x81, 1, Uint8Array.of(255))],
  ])('%s ends the connection and is counted', async (_what, reason, bytes) => {
    const started = await stage.relay()
    const honest = await startHonestPair(stage, started)
    const socket = open(started.port, Buffer.concat([Buffer.from(upgrade), bytes]))
    await closed(socket)
    expect(started.relay.stats().refusals).toEqual({ [reason]: 1 })
    await honest.talk()
    expect(await honest.settled()).toEqual(honest.before)
  })

  test.each([1, 0])(
    'a message in crumbs of %i bytes ends the connection before it costs more than one in one',
    async size => {
      const started = await stage.relay()
      const honest = await startHonestPair(stage, started)
      const crumbs = Array.from({ length: 100 }, (_, index) =>
        webSocketFrame(index === 0 ? 0x02 : 0x00, size, new Uint8Array(size)),
      )
      const socket = open(started.port, Buffer.concat([Buffer.from(upgrade), ...crumbs]))
      await closed(socket)
      expect(started.relay.stats().refusals).toEqual({ 'websocket/large-frame': 1 })
      await honest.talk()
      expect(await honest.settled()).toEqual(honest.before)
    },
  )
})

describe('[B7] WebSocket frames that carry nothing', () => {
  const empty = new Uint8Array(0)
  test.each([
    ['pings', webSocketFrame(0x89, 0, empty)],
    ['pongs that nobody asked for', webSocketFrame(0x8a, 4, new Uint8Array(4))],
    ['empty messages', webSocketFrame(0x82, 0, empty)],
  ])('a flood of %s ends the connection, counted once', async (_what, frame) => {
    const started = await stage.relay()
    const honest = await startHonestPair(stage, started)
    const flood = Array.from({ length: 500 }, () => frame)
    const socket = open(started.port, Buffer.concat([Buffer.from(upgrade), ...flood]))
    await closed(socket)
    expect(started.relay.stats().refusals).toEqual({ 'websocket/idle-frames': 1 })
    await honest.talk()
    expect(await honest.settled()).toEqual(honest.before)
  })

  test('as many as a proxy sends to keep a line open are answered, and nothing is refused', async () => {
    const started = await stage.relay()
    const socket = await openWebSocket(started.port)
    const answers = new Promise<void>(resolve => {
      let count = 0
      socket.on('pong', () => void ((count += 1) === 20 && resolve()))
    })
    for (let index = 0; index < 20; index += 1) socket.ping()
    await answers
    expect(started.relay.stats().refusals).toEqual({})
  })
})

describe('[B7] handshakes of libp2p', () => {
  test('those that begin and do not go on are ended after a while and counted', async () => {
    const started = await stage.relay({ limits: { addressPeers: 200, addressJoinsPerSecond: 1_000 } })
    const honest = await startHonestPair(stage, started)
    const begun = [
      Buffer.alloc(0),
      multistream,
      multistream.subarray(0, 3),
      toNoise,
      Buffer.concat([multistream, Buffer.from('\u0006/tls0\n'.repeat(50))]),
      // A first message of Noise is nothing but a key, so this is one.
      Buffer.concat([toNoise, Buffer.from('\u0000\u0030'), randomBytes(48)]),
    ]
    const sockets = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const socket = await openWebSocket(started.port)
        socket.send(begun[index % begun.length] ?? multistream)
        return socket
      }),
    )
    await honest.talk()
    await Promise.all(sockets.map(gone))
    await until('each is counted', () => started.relay.stats().refusals['websocket/handshake-timeout'] === 60)
    await honest.talk()
    expect(await honest.settled()).toEqual(honest.before)
  })

  test.each([
    ['garbage', randomBytes(4_000)],
    ['a multistream message of 4 GB', Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f)],
    ['a length that never ends', Buffer.alloc(8, 0xff)],
    ['a length that never ends, as long as a frame may be', Buffer.alloc(250 * 1_024, 0xff)],
    [
      'protocols that are not there, without end',
      Buffer.concat([multistream, Buffer.from('\u0006/tls0\n'.repeat(30_000))]),
    ],
    ['the same greeting without end', Buffer.from(multistream.toString().repeat(10_000))],
    ['Noise messages of nothing but zeros', Buffer.concat([toNoise, Buffer.alloc(10_000)])],
  ])('%s ends the handshake, counted, and nothing else', async (_what, bytes) => {
    const started = await stage.relay()
    const honest = await startHonestPair(stage, started)
    const socket = await openWebSocket(started.port)
    socket.send(bytes)
    await gone(socket)
    await until('it is counted', () => started.relay.stats().refusals['websocket/handshake'] === 1)
    await honest.talk()
    expect(await honest.settled()).toEqual(honest.before)
  })
})
