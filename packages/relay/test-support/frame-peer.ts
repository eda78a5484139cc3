import type { MessageStream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { AbstractStreamMuxer } from '@libp2p/utils'
import { webSockets } from '@libp2p/websockets'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { Uint8ArrayList } from 'uint8arraylist'

/** yamux's kinds of frames and flags (hashicorp/yamux, spec.md). */
export const yamuxFrame = { data: 0, window: 1, ping: 2, goAway: 3, syn: 1, ack: 2, fin: 4, rst: 8 } as const

/** A peer that has shaken hands and writes yamux by hand. */
export interface FramePeer {
  /** The encrypted line below the muxer. */
  readonly line: MessageStream
  readonly received: Uint8ArrayList
  /** Resolves when the relay has broken off. */
  readonly closed: Promise<void>
  stop(): Promise<void>
}

/** One frame; `length` is what the header claims, whatever the body. */
export function frame(type: number, flags: number, streamId: number, length: number, body?: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + (body?.length ?? 0))
  const view = new DataView(bytes.buffer)
  view.setUint8(1, type)
  view.setUint16(2, flags)
  view.setUint32(4, streamId)
  view.setUint32(8, length)
  if (body !== undefined) bytes.set(body, 12)
  return bytes
}

/** A muxer that hands out what it is given and does nothing by itself. */
class NoMuxer extends AbstractStreamMuxer {
  readonly received = new Uint8ArrayList()

  constructor(line: MessageStream) {
    super(line, { protocol: '/yamux/1.0.0', name: 'none' })
  }

  override onData(data: Uint8Array | Uint8ArrayList): void {
    this.received.append(data)
  }

  override onCreateStream(): never {
    throw new Error('This peer writes its frames by hand.')
  }
}

/** Connects such a peer to a relay. */
export async function startFramePeer(address: string): Promise<FramePeer> {
  let muxer: NoMuxer | undefined
  let line: MessageStream | undefined
  const factory: StreamMuxerFactory = {
    protocol: '/yamux/1.0.0',
    createStreamMuxer(connection): StreamMuxer {
      line = connection
      muxer = new NoMuxer(connection)
      return muxer
    },
  }
  const node = await createLibp2p({
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [() => factory],
    connectionGater: { denyDialMultiaddr: () => false },
    connectionMonitor: { enabled: false },
  })
  const connection = await node.dial(multiaddr(address))
  if (line === undefined || muxer === undefined) throw new Error('The connection has no muxer.')
  return {
    line,
    received: muxer.received,
    closed: new Promise(resolve => connection.addEventListener('close', () => resolve(), { once: true })),
    stop: async () => await node.stop(),
  }
}
