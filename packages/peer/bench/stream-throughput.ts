/* oxlint-disable eslint/no-console -- a command that prints a table */
// `pnpm bench:streams`: bytes a second from one peer to another in this process, over a direct line and over a circuit: by a lasting stream, and by the bare libp2p
// stream below it.
import type { Connection, Stream } from '@libp2p/interface'

import { startPeer } from '../src/create-peer.ts'
import type { MeshPeer } from '../src/mesh-peer.ts'
import { openStreams } from '../src/streams/index.ts'
import { openRelay } from '../test-support/open-relay.ts'

const directBytes = 64 * 1_024 * 1_024
const relayedBytes = 16 * 1_024 * 1_024
const chunk = new Uint8Array(64 * 1_024)
const rounds = 3
const bareProtocol = '/bench/bare/1.0.0'

const noLimit = Number.POSITIVE_INFINITY
const relay = await openRelay({
  limits: {
    circuitBytesPerSecond: noLimit,
    peerBytesPerSecond: noLimit,
    relayBytesPerSecond: noLimit,
    circuitBytes: noLimit,
  },
})
for (const webrtc of [true, false]) {
  const [a, b] = await pair(webrtc)
  const bytes = webrtc ? directBytes : relayedBytes
  const best = (): Connection => {
    const [first] = a.connectionsTo(b.id).toSorted((x, y) => Number(y.direct) - Number(x.direct))
    if (first === undefined) throw new Error('The line has gone.')
    return first
  }
  const figures: Record<string, number[]> = { lasting: [], bare: [] }
  for (let round = 0; round < rounds; round += 1) {
    figures['bare']?.push(await bare(b, best(), bytes))
    figures['lasting']?.push(await lasting(a, b, bytes))
  }
  const middle = (list: number[] = []): number => list.toSorted((x, y) => x - y)[Math.floor(list.length / 2)] ?? 0
  const [ours, below] = [middle(figures['lasting']), middle(figures['bare'])]
  console.log(
    `${best().direct ? 'direct ' : 'relayed'}: lasting stream ${ours.toFixed(1)} MB/s, bare stream ${below.toFixed(1)} MB/s, ratio ${(ours / below).toFixed(2)}`,
  )
  await Promise.all([a.stop(), b.stop()])
}
await relay.stop()

async function pair(webrtc: boolean): Promise<[MeshPeer, MeshPeer]> {
  const start = (): Promise<MeshPeer> =>
    startPeer({ app: 'bench', relays: [relay.url], identity: 'memory', webrtc }, {})
  const both: [MeshPeer, MeshPeer] = [await start(), await start()]
  const wanted = webrtc ? 'direct' : 'relayed'
  const topics = await Promise.all(both.map(peer => peer.topics.join('bench')))
  while (!both.every(peer => peer.links.list().some(({ state }) => state === wanted))) {
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  both[0].addEventListener('stopped', () => topics.splice(0))
  return both
}

async function lasting(a: MeshPeer, b: MeshPeer, bytes: number): Promise<number> {
  const done = Promise.withResolvers<void>()
  const stop = openStreams(b).handle('bench', async ({ readable, writable }) => {
    for await (const _ of readable) continue
    await writable.close()
    done.resolve()
  })
  const stream = await openStreams(a).open(b.id, 'bench')
  const startedAt = performance.now()
  const writer = stream.writable.getWriter()
  for (let sent = 0; sent < bytes; sent += chunk.length) await writer.write(chunk)
  await writer.close()
  await done.promise
  const seconds = (performance.now() - startedAt) / 1_000
  stop()
  await stream.closed
  return bytes / seconds / 1e6
}

async function bare(b: MeshPeer, connection: Connection, bytes: number): Promise<number> {
  const done = Promise.withResolvers<void>()
  let received = 0
  const onStream = (stream: Stream): void => {
    stream.addEventListener('message', ({ data }) => {
      received += data.byteLength
      if (received >= bytes) done.resolve()
    })
  }
  await b.node.handle(bareProtocol, onStream, { runOnLimitedConnection: true })
  const stream = await connection.newStream(bareProtocol, { runOnLimitedConnection: true })
  const startedAt = performance.now()
  for (let sent = 0; sent < bytes; sent += chunk.length) if (!stream.send(chunk)) await drained(stream)
  await done.promise
  const seconds = (performance.now() - startedAt) / 1_000
  await b.node.unhandle(bareProtocol)
  stream.abort(new Error('measured'))
  return bytes / seconds / 1e6
}

function drained(stream: Stream): Promise<void> {
  return new Promise(resolve => {
    if (stream.writableNeedsDrain) stream.addEventListener('drain', () => resolve(), { once: true })
    else resolve()
  })
}
