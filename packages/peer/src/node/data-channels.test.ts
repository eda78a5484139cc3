import { noise } from '@libp2p/noise'
import { webRTCDirect } from '@libp2p/webrtc'
import { yamux } from '@libp2p/yamux'
import { type Libp2p, createLibp2p } from 'libp2p'
import { afterEach, expect, test, vi } from 'vitest'

import { until } from '../../test-support/mesh.ts'

/** What is inside a WebRTC connection of js-libp2p. */
interface Inside {
  readonly maConn: { readonly peerConnection: RTCPeerConnection }
  readonly muxer: {
    createStream(): Promise<{
      readonly channel: { readonly readyState: string; close(): void }
      abort(error: Error): void
    }>
  }
}

const nodes: Libp2p[] = []

afterEach(async () => {
  await Promise.all(nodes.splice(0).map(async node => node.stop()))
})

/** How many data channels are kept at one end of a connection. */
async function channelsOf(connection: unknown): Promise<number> {
  const stats = [...(await (connection as Inside).maConn.peerConnection.getStats()).values()] as Record<
    string,
    unknown
  >[]
  return stats.find(({ type }) => type === 'peer-connection')?.['dataChannelsOpened'] as number
}

async function startNode(listen: readonly string[]): Promise<Libp2p> {
  const node = await createLibp2p({
    addresses: { listen: [...listen] },
    transports: [webRTCDirect()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
  })
  nodes.push(node)
  return node
}

test('a stream that ends before its data channel has opened closes that channel, which would keep its peer in memory [C5]', async () => {
  const [near, far] = [await startNode([]), await startNode(['/ip4/127.0.0.1/udp/0/webrtc-direct'])]
  const connection = (await near.dial(far.getMultiaddrs())) as unknown as Inside
  let stream = await connection.muxer.createStream()
  // The other end's word comes by a thread of its own, and now and then before we have looked.
  for (let left = 50; left > 0 && stream.channel.readyState !== 'connecting'; left -= 1) {
    stream.abort(new Error('too late'))
    stream = await connection.muxer.createStream()
  }
  const close = vi.spyOn(stream.channel, 'close')
  expect(stream.channel.readyState).toBe('connecting')
  stream.abort(new Error('the line is gone'))
  expect(close).toHaveBeenCalledTimes(1)
})

test('a stream that has ended is kept at neither end: a ping opens one, and lines stand for days [C5]', async () => {
  const [near, far] = [await startNode([]), await startNode(['/ip4/127.0.0.1/udp/0/webrtc-direct'])]
  await far.handle('/test/1', stream => void stream.close())
  const connection = await near.dial(far.getMultiaddrs())
  const ends = [connection, far.getConnections()[0]]
  const before = await Promise.all(ends.map(channelsOf))
  for (let count = 0; count < 10; count += 1) await (await connection.newStream('/test/1')).close()
  await until('all are gone', async () => {
    const now = await Promise.all(ends.map(channelsOf))
    return now.every((channels, end) => channels <= (before[end] ?? 0))
  })
  expect(ends.map(end => end?.status)).toEqual(['open', 'open'])
})
