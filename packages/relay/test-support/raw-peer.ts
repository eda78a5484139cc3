import { identify } from '@libp2p/identify'
import type { Connection, Libp2p, PeerId, Stream, Transport } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { lpStream } from '@libp2p/utils'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { type AppId, appProtocol, encodeAppMessage } from '@tsugi/protocol'
import { createLibp2p } from 'libp2p'
import { Uint8ArrayList } from 'uint8arraylist'

import { type AppStatus, appMessage } from '../src/apps/app-message.ts'
import { type HopMessage, type StopMessage, hopMessage, stopMessage } from '../src/circuit/circuit-messages.ts'
import { hopProtocol } from '../src/circuit/hop-protocol.ts'
import { type MessageStream, createMessageStream } from '../src/circuit/message-stream.ts'
import { stopProtocol } from '../src/circuit/stop-protocol.ts'

/** A peer that speaks HOP and STOP by hand, so that a test sees every byte. */
export interface RawPeer {
  readonly node: Libp2p
  readonly peerId: PeerId
  readonly id: string
  readonly connection: Connection
  /** Opens a HOP stream. */
  hop(): Promise<{ stream: Stream; messages: MessageStream<HopMessage> }>
  /** Sends one HOP message and reads the answer. */
  ask(message: HopMessage): Promise<HopMessage>
  reserve(): Promise<HopMessage>
  /** Tells the relay an app, or sends other bytes in its place; answers what the relay answers. */
  tell(app: string | Uint8Array): Promise<AppStatus | 'UNUSED' | undefined>
  /** Asks for a circuit and returns its stream; throws the status when it is refused. */
  connect(target: { readonly peerId: PeerId }): Promise<{ stream: Stream; answer: HopMessage }>
  /** Answers STOP requests; by default accepts them and keeps their streams. */
  onStop(answer: (messages: MessageStream<StopMessage>, stream: Stream) => Promise<void>): Promise<void>
  /** The next circuit that was accepted. */
  accepted(): Promise<{ stream: Stream; request: StopMessage }>
  stop(): Promise<void>
}

const inTime = (): AbortSignal => AbortSignal.timeout(20_000)

/** Starts a peer and connects it to a relay. */
export async function startRawPeer(
  relayAddress: string,
  transports: ReadonlyArray<(components: never) => Transport> = [],
): Promise<RawPeer> {
  const node = await createLibp2p({
    transports: [webSockets(), ...(transports as never[])],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    services: { identify: identify() },
  })
  const connection = await node.dial(multiaddr(relayAddress))
  const arrived: Array<{ stream: Stream; request: StopMessage }> = []
  const waiting: Array<(circuit: { stream: Stream; request: StopMessage }) => void> = []
  const peer: RawPeer = {
    node,
    peerId: node.peerId,
    id: node.peerId.toString(),
    connection,
    async hop() {
      const stream = await connection.newStream(hopProtocol, { maxOutboundStreams: 1_000, signal: inTime() })
      return { stream, messages: createMessageStream(stream, hopMessage) }
    },
    async ask(message) {
      const { stream, messages } = await peer.hop()
      await messages.write(message, inTime())
      const answer = await messages.read(inTime())
      stream.close().catch((error: Error) => stream.abort(error))
      return answer
    },
    reserve: () => peer.ask({ type: 'RESERVE' }),
    async tell(app) {
      const stream = await connection.newStream(appProtocol, { signal: inTime() })
      const framed = lpStream(stream)
      stream.send(typeof app === 'string' ? encodeAppMessage(app as AppId) : app)
      const answer = appMessage.decode((await framed.read({ signal: inTime() })).subarray())
      await stream.close()
      return answer.status
    },
    async connect(target) {
      const { messages } = await peer.hop()
      await messages.write(connectTo(target.peerId), inTime())
      const answer = await messages.read(inTime())
      if (answer.status !== 'OK') throw new Error(answer.status)
      return { stream: messages.unwrap(), answer }
    },
    async onStop(answer) {
      await node.unhandle(stopProtocol)
      await node.handle(stopProtocol, stream => answer(createMessageStream(stream, stopMessage), stream), {
        maxInboundStreams: 1_000,
      })
    },
    accepted: () =>
      new Promise(resolve => {
        const circuit = arrived.shift()
        if (circuit === undefined) waiting.push(resolve)
        else resolve(circuit)
      }),
    stop: async () => await node.stop(),
  }
  await node.handle(
    stopProtocol,
    async stream => {
      const messages = createMessageStream(stream, stopMessage)
      const request = await messages.read(inTime())
      await messages.write({ type: 'STATUS', status: 'OK' }, inTime())
      const circuit = { stream: messages.unwrap(), request }
      const next = waiting.shift()
      if (next === undefined) arrived.push(circuit)
      else next(circuit)
    },
    { maxInboundStreams: 1_000 },
  )
  return peer
}

/** A CONNECT for a peer. */
export function connectTo(peerId: PeerId): HopMessage {
  return { type: 'CONNECT', peer: { id: peerId.toMultihash().bytes, addrs: [] } }
}

/** Collects what arrives on a stream. */
export function collect(stream: Stream): { readonly bytes: Uint8ArrayList; readonly ended: Promise<void> } {
  const bytes = new Uint8ArrayList()
  const ended = new Promise<void>(resolve => {
    const done = (): void => resolve()
    stream.addEventListener('remoteCloseWrite', done)
    stream.addEventListener('close', done)
  })
  stream.addEventListener('message', event => bytes.append(event.data))
  return { bytes, ended }
}

/** Resolves when a stream has room again, or has closed. `onDrain()` of js-libp2p answers at once from the second time on. */
export async function drained(stream: Stream): Promise<void> {
  while (stream.writableNeedsDrain && stream.status === 'open') {
    await new Promise<void>(resolve => {
      stream.addEventListener('drain', () => queueMicrotask(resolve), { once: true })
      stream.addEventListener('close', () => resolve(), { once: true })
    })
  }
}

/** Sends everything, waiting whenever the stream is full; answers how much went before the stream closed. */
export async function sendAll(stream: Stream, chunks: Iterable<Uint8Array>): Promise<number> {
  let sent = 0
  for (const chunk of chunks) {
    if (stream.writeStatus !== 'writable') return sent
    sent += chunk.byteLength
    if (!stream.send(chunk)) await drained(stream)
  }
  return sent
}
