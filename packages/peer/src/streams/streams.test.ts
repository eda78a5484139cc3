import { createHash } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { readAll, someBytes, writeAll } from '../../test-support/fake-lines.ts'
import { type Mesh, openMesh, stay, until } from '../../test-support/mesh.ts'
import { startRelay } from '../../test-support/start-relay.ts'
import { startStockRelay } from '../../test-support/start-stock-relay.ts'
import type { PeerOptions } from '../index.ts'
import type { MeshPeer } from '../mesh-peer.ts'
import { type PeerStream, type Streams, openStreams } from './index.ts'

const isRelayed = (a: MeshPeer, b: MeshPeer): boolean =>
  a.links.get(b.id)?.state === 'relayed' && b.links.get(a.id)?.state === 'relayed'
const isDirect = (a: MeshPeer, b: MeshPeer): boolean =>
  a.links.get(b.id)?.kind === 'direct' && b.links.get(a.id)?.kind === 'direct'

/** Two peers on a topic, of whom the first one dials by rule. */
async function meet(mesh: Mesh, relays: string[], options: Partial<PeerOptions> = {}): Promise<[MeshPeer, MeshPeer]> {
  const pair = await mesh.pair(relays, options)
  for (const peer of pair) await stay(peer, 'game')
  return pair
}

async function openPair(from: MeshPeer, to: MeshPeer): Promise<[PeerStream, PeerStream, Streams, Streams]> {
  const [there, here] = [openStreams(to), openStreams(from)]
  const accepted = Promise.withResolvers<PeerStream>()
  const stop = there.handle('test', accepted.resolve)
  const opened = await here.open(to.id, 'test')
  stop()
  return [opened, await accepted.promise, here, there]
}

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Sends so much both ways, and answers what has arrived by now, and when all has. */
function exchange(a: PeerStream, b: PeerStream, length: number) {
  const all = [someBytes(length, 1), someBytes(length, 2)] as const
  const came = [0, 0]
  const counting = (index: number) =>
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        came[index] = (came[index] ?? 0) + chunk.length
        controller.enqueue(chunk)
      },
    })
  const done = Promise.all([
    readAll(b.readable.pipeThrough(counting(0))),
    readAll(a.readable.pipeThrough(counting(1))),
    writeAll(a.writable, [all[0]]),
    writeAll(b.writable, [all[1]]),
  ])
  const verify = async (): Promise<void> => {
    const [there, back] = await done
    expect([there.length, back.length]).toEqual([length, length])
    expect([hash(there), hash(back)]).toEqual(all.map(hash))
    expect(await Promise.all([a.closed, b.closed])).toEqual([{ ok: true }, { ok: true }])
  }
  return { came, verify }
}

/** What is sent while something happens: one number after the other, both ways, until told to stop. */
function count(from: PeerStream, to: PeerStream) {
  const seen: number[] = []
  let sent = 0
  const over = new AbortController()
  const sending = (async () => {
    const writer = from.writable.getWriter()
    for (; !over.signal.aborted; sent += 1) {
      await writer.write(new Uint8Array(Uint32Array.of(sent).buffer))
      await new Promise(resolve => setTimeout(resolve, 2))
    }
    await writer.close()
  })()
  const reading = (async () => {
    const all = await readAll(
      to.readable.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform(chunk, controller) {
            seen.push(chunk.length / 4)
            controller.enqueue(chunk)
          },
        }),
      ),
    )
    return Array.from({ length: all.length / 4 }, (_, index) => Buffer.from(all).readUInt32LE(index * 4))
  })()
  return {
    seen: () => seen.reduce((sum, each) => sum + each, 0),
    async end() {
      over.abort()
      const [numbers] = await Promise.all([reading, sending])
      expect(numbers).toEqual(Array.from({ length: sent }, (_, index) => index))
    },
  }
}

describe('a stream between two peers', () => {
  it('goes on when the relay is killed in the middle of it and comes back [B10 E7]', async () => {
    const mesh = openMesh()
    const dataDir = await mesh.directory()
    const relay = await startRelay({ dataDir })
    const [a, b] = await meet(mesh, [relay.url], { webrtc: false })
    await until('a circuit', () => isRelayed(a, b))
    const [streamA, streamB] = await openPair(a, b)
    const { came, verify } = exchange(streamA, streamB, 2_000_000)
    await until('half of it', () => came.every(bytes => bytes > 500_000))
    await relay.kill()
    await until('waiting', () => streamA.state === 'waiting' && streamB.state === 'waiting')
    expect(came.every(bytes => bytes < 2_000_000)).toBe(true)
    await startRelay({ port: relay.port, dataDir })
    await verify()
  })

  it('moves onto the direct line, and the circuit goes only then [C8 E7]', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [a, b] = await meet(mesh, [relay.url])
    const [streamA, streamB] = await openPair(a, b)
    const routes = [streamA.route]
    streamA.addEventListener('carried', ({ detail }) => routes.push(detail.route))
    const [there, back] = [count(streamA, streamB), count(streamB, streamA)]
    await until('direct', () => streamA.route === 'direct' && streamB.route === 'direct')
    await until('no circuit left', () => a.connectionsTo(b.id).every(({ direct }) => direct))
    const seen = there.seen()
    await until('it goes on', () => there.seen() > seen + 10)
    await Promise.all([there.end(), back.end()])
    expect(routes.at(-1)).toBe('direct')
  })

  it('falls back to the relay when the direct line dies under it, and is direct again after [C9 E7]', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [a, b] = await meet(mesh, [relay.url])
    await until('direct', () => isDirect(a, b))
    // Opened by the one that does not dial, so that both ways are seen.
    const [streamB, streamA] = await openPair(b, a)
    await until('direct', () => streamB.route === 'direct')
    const { came, verify } = exchange(streamB, streamA, 2_000_000)
    await until('some of it', () => came.every(bytes => bytes > 100_000))
    let waited = 0
    const routes: string[] = []
    streamB.addEventListener('waiting', () => (waited += 1))
    streamB.addEventListener('carried', ({ detail }) => routes.push(detail.route))
    for (const connection of a.connectionsTo(b.id)) connection.abort(new Error('cut'))
    await verify()
    expect([waited, routes.length]).toEqual([1, expect.any(Number)])
    expect(routes.length).toBeGreaterThanOrEqual(1)
  })

  it('goes on with a stock relay whose circuits are cut, and which routes no topics [C8]', async () => {
    const mesh = openMesh()
    const relay = await startStockRelay({ reservations: { applyDefaultLimit: false } })
    const [a, b] = await mesh.pair([relay.address], { webrtc: false })
    await until('reserved', () => [a, b].every(peer => peer.relays.list()[0]?.state === 'reserved'))
    // No topic in common, and no link: the way through the relay that both have is found.
    const [streamA, streamB] = await openPair(a, b)
    const { came, verify } = exchange(streamA, streamB, 2_000_000)
    await until('some of it', () => came.every(bytes => bytes > 200_000))
    relay.cut()
    await until('waiting', () => streamA.state === 'waiting')
    await verify()
    expect(streamA.state).toBe('ended')
  })

  it('moves onto the direct line with a stock relay [C8]', async () => {
    const mesh = openMesh()
    const relay = await startStockRelay()
    const [a, b] = await mesh.pair([relay.address])
    await until('reserved', () => [a, b].every(peer => peer.relays.list()[0]?.state === 'reserved'))
    const [streamA, streamB] = await openPair(b, a)
    expect(streamA.route).toBe('relayed')
    const there = count(streamA, streamB)
    await until('direct', () => streamA.route === 'direct')
    await until('no circuit left', () => a.connectionsTo(b.id).every(({ direct }) => direct))
    await there.end()
  })

  it('keeps its line after the last common topic was left, and lets it go with its end', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [a, b] = await mesh.pair([relay.url], { webrtc: false })
    const c = await mesh.peer([relay.url], { webrtc: false })
    const topics = [await stay(a, 'game'), await stay(b, 'game'), await stay(c, 'game')]
    await until('circuits', () => isRelayed(a, b) && isRelayed(a, c))
    const [streamA, streamB] = await openPair(a, b)
    await Promise.all(topics.map(topic => topic.leave()))
    await until('the line without a stream has gone', () => a.links.get(c.id) === undefined)
    expect([streamA.state, a.links.get(b.id)?.kind]).toEqual(['carried', 'relayed'])
    streamA.abort()
    await streamB.closed
    await until('the line has gone', () => a.links.get(b.id) === undefined && b.links.get(a.id) === undefined)
  })

  it('holds its window at most while nobody reads [C7]', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [a, b] = await meet(mesh, [relay.url], { webrtc: false })
    await until('a circuit', () => isRelayed(a, b))
    const [streamA, streamB, here, there] = await openPair(a, b)
    const all = someBytes(1_500_000)
    const written = writeAll(streamA.writable, [all])
    const window = a.limits.streamWindowBytes
    await until('the window is full', () => there.stats().unreadBytes === window)
    expect(here.stats().unacknowledgedBytes).toBe(window)
    expect(hash(await readAll(streamB.readable))).toBe(hash(all))
    await written
  })

  it.each([false, true])('leaves no carrier behind, however it ends; direct lines: %s [C5]', async webrtc => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [a, b] = await meet(mesh, [relay.url], { webrtc })
    await until('a line', () => (webrtc ? isDirect(a, b) : isRelayed(a, b)))
    const carriers = (): number =>
      [a, b]
        .flatMap(peer => [...peer.connectionsTo(b.id), ...peer.connectionsTo(a.id)])
        .flatMap(({ streams }) => streams).length
    const echo = openStreams(b)
    echo.handle('echo', ({ readable, writable }) => readable.pipeTo(writable))
    const streams = openStreams(a)
    const before = carriers()
    for (let round = 0; round < 20; round += 1) {
      const stream = await streams.open(b.id, 'echo')
      if (round % 4 === 0) stream.abort()
      else await Promise.all([writeAll(stream.writable, [someBytes(1_000)]), readAll(stream.readable)])
      expect((await stream.closed).ok).toBe(round % 4 !== 0)
      await expect(streams.open(b.id, 'nobody')).rejects.toMatchObject({ code: 'stream/refused' })
    }
    await until('no stream', () => [streams, echo].every(each => each.stats().open + each.stats().settling === 0))
    await until('as many libp2p streams as before', () => carriers() <= before)
    expect(streams.stats()).toMatchObject({
      opened: 40,
      whole: 15,
      failed: { 'stream/no-handler': 20, 'stream/aborted': 5 },
    })
    expect(a.tasks().filter(({ name }) => name.startsWith('streams/')).length).toBeLessThan(10)
  })

  it('ends with its peer, which tells the other one; nothing is left [C5]', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [a, b] = await meet(mesh, [relay.url])
    await until('direct', () => isDirect(a, b))
    const [streamA, streamB, here, there] = await openPair(a, b)
    expect(openStreams(a)).toBe(here)
    expect(a.tasks().some(({ name }) => name.startsWith('streams/'))).toBe(true)
    await a.stop()
    expect(await streamA.closed).toEqual({ ok: false, code: 'stream/stopped', isRemote: false })
    expect(await streamB.closed).toEqual({ ok: false, code: 'stream/stopped', isRemote: true })
    expect([a.tasks(), here.list(), there.list()]).toEqual([[], [], []])
    expect(() => openStreams(a)).toThrow(expect.objectContaining({ code: 'peer/stopped' }))
    await there.close()
    await until('none of b’s', () => b.tasks().every(({ name }) => !name.startsWith('streams/')))
    const again = openStreams(b)
    expect(again).not.toBe(there)
  })

  it('is not opened to a peer that cannot be reached, takes no streams, or is none', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [a, b] = await mesh.pair([relay.url], { webrtc: false })
    await until('reserved', () => [a, b].every(peer => peer.relays.list()[0]?.state === 'reserved'))
    const streams = openStreams(a)
    await expect(streams.open(b.id, 'test')).rejects.toMatchObject({ code: 'stream/unreachable' })
    await expect(streams.open('nobody', 'test')).rejects.toMatchObject({ code: 'link/invalid-peer' })
    await expect(streams.open(a.id, 'test')).rejects.toMatchObject({ code: 'link/invalid-peer' })
    await b.stop()
    const signal = AbortSignal.timeout(500)
    await expect(streams.open(b.id, 'test', { signal })).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(streams.stats()).toMatchObject({ open: 0, waiting: 0 })
    expect(() => openStreams({} as never)).toThrow(expect.objectContaining({ code: 'peer/invalid-option' }))
  })
})
