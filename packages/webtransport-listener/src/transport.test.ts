import { randomBytes } from 'node:crypto'

import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, describe, expect, it } from 'vitest'

import {
  drained,
  echoProtocol,
  exchange,
  sinkProtocol,
  startListener,
  startNode,
  unavailable,
  until,
} from '../test-support/node.ts'
import { createShiftableTimers } from '../test-support/shiftable-timers.ts'
import { periodMs } from './certificates/calendar.ts'

const nodes: Libp2p[] = []
async function keep(node: Promise<Libp2p>): Promise<Libp2p> {
  const started = await node
  nodes.push(started)
  return started
}

/** A listener, a dialler, and the connection as each sees it. */
async function connectPair(): Promise<{ near: Connection; far: Connection; listener: Libp2p; dialler: Libp2p }> {
  const listener = await keep(startListener())
  const dialler = await keep(startNode())
  const near = await dialler.dial(listener.getMultiaddrs())
  await until(() => listener.getConnections().length === 1, 'the listener has the connection')
  const [far] = listener.getConnections()
  if (far === undefined) throw new Error('unreachable')
  return { near, far, listener, dialler }
}

afterEach(async () => {
  for (const node of nodes.splice(0)) await node.stop()
})

describe.skipIf(unavailable !== undefined)('a listener with real QUIC', () => {
  it('announces both certificate hashes, and knows from where a session comes', async () => {
    const { listener, far } = await connectPair()
    const [address] = listener.getMultiaddrs()
    expect(String(address)).toMatch(
      /^\/ip4\/127\.0\.0\.1\/udp\/\d+\/quic-v1\/webtransport(\/certhash\/uEi[\w-]+){2}\/p2p\/12D3/,
    )
    expect(String(far.remoteAddr)).toMatch(/^\/ip4\/127\.0\.0\.1\/udp\/\d+\/quic-v1\/webtransport/)
  })

  it('listens on IPv6', async () => {
    const listener = await keep(startListener({ listen: ['/ip6/::1/udp/0/quic-v1/webtransport'] }))
    const dialler = await keep(startNode())
    const connection = await dialler.dial(listener.getMultiaddrs())
    expect(await exchange(connection, randomBytes(1_000))).toHaveLength(1_000)
    await until(() => listener.getConnections().length === 1, 'the listener has the connection')
    expect(String(listener.getConnections()[0]?.remoteAddr)).toMatch(/^\/ip6\/::1\/udp/)
  })

  it('carries bytes unchanged, in pieces of any size, both ways at once', async () => {
    const { near } = await connectPair()
    const data = randomBytes(3_000_000)
    const echoes = await Promise.all([1_000_000, 65_536, 7_777].map(piece => exchange(near, data, piece)))
    for (const echo of echoes) expect(echo.equals(data)).toBe(true)
  })

  it('closes one direction while the other goes on', async () => {
    const { near, listener } = await connectPair()
    const arrived = Promise.withResolvers<Stream>()
    await listener.handle('/half/1', stream => arrived.resolve(stream))
    const stream = await near.newStream('/half/1')
    await stream.close()
    const remote = await arrived.promise
    await until(() => remote.remoteWriteStatus === 'closed', 'the far end has seen the end')
    const heard: string[] = []
    stream.addEventListener('message', ({ data }) => heard.push(Buffer.from(data.subarray()).toString()))
    remote.send(Buffer.from('still here'))
    await until(() => heard.length > 0, 'the answer has come')
    expect(heard).toEqual(['still here'])
    await remote.close()
    await until(() => stream.status === 'closed' && remote.status === 'closed', 'both have closed')
  })

  it('tells the far end of a reset', async () => {
    const { near, listener } = await connectPair()
    const arrived = Promise.withResolvers<Stream>()
    await listener.handle('/reset/1', stream => arrived.resolve(stream))
    const stream = await near.newStream('/reset/1')
    stream.send(Buffer.from('x'))
    const remote = await arrived.promise
    stream.abort(new Error('enough'))
    await until(() => remote.status === 'reset' || remote.status === 'aborted', 'the far end has seen the reset')
    expect(await exchange(near, randomBytes(100))).toHaveLength(100)
  })

  it('pauses a writer whose reader does not read, and goes on when it does', async () => {
    const { near, far, listener } = await connectPair()
    const arrived = Promise.withResolvers<Stream>()
    await listener.handle('/slow/1', stream => {
      stream.pause()
      arrived.resolve(stream)
    })
    const stream = await near.newStream('/slow/1')
    const remote = await arrived.promise
    let got = 0
    remote.addEventListener('message', ({ data }) => {
      got += data.byteLength
    })
    let sent = 0
    const piece = randomBytes(65_536)
    const writing = (async () => {
      for (let count = 0; count < 160; count += 1) {
        if (!stream.send(piece)) await drained(stream)
        sent += piece.byteLength
      }
    })()
    // What a window takes, and no more.
    let before = -1
    await until(() => {
      const isStill = sent > 0 && sent === before
      before = sent
      return isStill
    }, 'the writer has stopped')
    await new Promise(resolve => setTimeout(resolve, 300))
    expect(sent).toBeLessThan(4_000_000)
    expect(remote.readBufferLength).toBeLessThanOrEqual(65_536)
    remote.resume()
    await writing
    await until(() => got === 160 * 65_536, 'everything has arrived')
    expect(far.status).toBe('open')
  })

  it('ends all streams with the connection, on both sides', async () => {
    const { near, far } = await connectPair()
    const streams = await Promise.all(Array.from({ length: 5 }, () => near.newStream(echoProtocol)))
    await until(() => far.streams.length === 5, 'the far end has the streams')
    await near.close()
    await until(() => far.status === 'closed' && far.streams.length === 0, 'the far end has closed')
    expect(streams.every(stream => stream.status === 'closed')).toBe(true)
  })

  it('opens streams from its side too', async () => {
    const { far } = await connectPair()
    expect(await exchange(far, randomBytes(50_000))).toHaveLength(50_000)
  })

  it('keeps its addresses over a restart, and gives up its port when it stops', async () => {
    const privateKey = await generateKeyPair('Ed25519')
    const first = await startListener({ privateKey })
    const [before] = first.getMultiaddrs()
    await first.stop()
    const port = /udp\/(\d+)/.exec(String(before))?.[1]
    const second = await keep(
      startListener({ privateKey, listen: [`/ip4/127.0.0.1/udp/${port}/quic-v1/webtransport`] }),
    )
    expect(String(second.getMultiaddrs()[0])).toBe(String(before))
  })

  it('rotates: new visitors meet the next certificate, those who are here stay, and the address changes', async () => {
    const timers = createShiftableTimers()
    const listener = await keep(startListener({ timers }))
    const dialler = await keep(startNode())
    const [before] = listener.getMultiaddrs()
    const early = await dialler.dial(listener.getMultiaddrs())
    timers.shift(periodMs)
    const [after] = listener.getMultiaddrs()
    expect(String(after)).not.toBe(String(before))
    const hashes = (address: unknown): string[] => String(address).match(/uEi[\w-]+/g) ?? []
    expect(hashes(after)[0]).toBe(hashes(before)[1])
    // With the old address, whose second hash is now in use, and with the new one.
    for (const address of [before, after]) {
      const visitor = await keep(startNode())
      const connection = await visitor.dial(multiaddr(String(address)))
      expect(await exchange(connection, randomBytes(100))).toHaveLength(100)
    }
    expect(await exchange(early, randomBytes(100))).toHaveLength(100)
  })

  it('adds its certificate hashes to an announced address', async () => {
    const listener = await keep(startListener({ announce: ['/dns4/relay.example/udp/443/quic-v1/webtransport'] }))
    expect(String(listener.getMultiaddrs()[0])).toMatch(
      /^\/dns4\/relay\.example\/udp\/443\/quic-v1\/webtransport(\/certhash\/uEi[\w-]+){2}/,
    )
  })

  it('refuses an address whose hashes are not its own', async () => {
    const listener = await keep(startListener())
    const other = await keep(startListener())
    const dialler = await keep(startNode())
    const [port] = /udp\/\d+/.exec(String(listener.getMultiaddrs()[0])) ?? []
    const wrong = String(other.getMultiaddrs()[0]).replace(/udp\/\d+/, port!)
    await expect(dialler.dial(multiaddr(wrong), { signal: AbortSignal.timeout(5_000) })).rejects.toThrow(/./)
    expect(listener.getConnections()).toHaveLength(0)
  })

  it('asks the connection gater before it accepts', async () => {
    let asked = 0
    const listener = await keep(
      startListener({
        gater: {
          denyInboundConnection: () => {
            asked += 1
            return true
          },
        },
      }),
    )
    const dialler = await keep(startNode())
    await expect(dialler.dial(listener.getMultiaddrs())).rejects.toThrow(/./)
    expect(asked).toBe(1)
    expect(listener.getConnections()).toHaveLength(0)
  })

  it('takes no more sessions than it may, and takes one again when one has gone', async () => {
    const listener = await keep(startListener({ limits: { sessions: 1 } }))
    const first = await keep(startNode())
    const second = await keep(startNode())
    const connection = await first.dial(listener.getMultiaddrs())
    await expect(second.dial(listener.getMultiaddrs())).rejects.toThrow(/./)
    await connection.close()
    await until(() => listener.getConnections().length === 0, 'the first one has gone')
    expect((await second.dial(listener.getMultiaddrs())).status).toBe('open')
  })

  it('resets streams beyond the ceiling and goes on with the others', async () => {
    const listener = await keep(startListener({ limits: { streams: 4 } }))
    const dialler = await keep(startNode())
    const connection = await dialler.dial(listener.getMultiaddrs())
    const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => connection.newStream(sinkProtocol)))
    const open = outcomes.filter(each => each.status === 'fulfilled').length
    expect(open).toBeLessThanOrEqual(4)
    expect(open).toBeGreaterThan(0)
    expect(connection.status).toBe('open')
  })

  it('closes a session that leaves more unread than it may', async () => {
    const listener = await keep(startListener({ limits: { unreadBytes: 1_000_000 } }))
    const dialler = await keep(startNode())
    const connection = await dialler.dial(listener.getMultiaddrs())
    const piece = randomBytes(65_536)
    const writers = Array.from({ length: 6 }, async () => {
      const stream = await connection.newStream(sinkProtocol)
      for (let count = 0; count < 32; count += 1) if (!stream.send(piece)) await drained(stream)
    })
    await Promise.allSettled(writers)
    await until(() => connection.status !== 'open', 'the session has been closed')
    await until(() => listener.getConnections().length === 0, 'the listener has let it go')
    expect(connection.status).not.toBe('open')
  })
})
