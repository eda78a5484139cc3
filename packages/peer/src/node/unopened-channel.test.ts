import { noise } from '@libp2p/noise'
import { webRTCDirect } from '@libp2p/webrtc'
import { yamux } from '@libp2p/yamux'
import { type Libp2p, createLibp2p } from 'libp2p'
import { afterEach, expect, test, vi } from 'vitest'

/** What is inside a WebRTC connection of js-libp2p. */
interface Inside {
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
  const stream = await connection.muxer.createStream()
  const close = vi.spyOn(stream.channel, 'close')
  expect(stream.channel.readyState).toBe('connecting')
  stream.abort(new Error('the line is gone'))
  expect(close).toHaveBeenCalledTimes(1)
})
