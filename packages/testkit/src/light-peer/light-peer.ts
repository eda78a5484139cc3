import { WebSocket } from 'ws'

import { ByteReader } from './byte-reader.ts'
import { readFields, withLength, writeFields } from './fields.ts'
import { createLightIdentity } from './light-identity.ts'
import type { LightStream } from './light-stream.ts'
import { NoiseSession } from './noise-session.ts'
import { YamuxSession } from './yamux-session.ts'

const hopProtocol = '/libp2p/circuit/relay/0.2.0/hop'
const stopProtocol = '/libp2p/circuit/relay/0.2.0/stop'
const identifyProtocol = '/ipfs/id/1.0.0'
const pingProtocol = '/ipfs/ping/1.0.0'
const statusOk = 100

/** What to do with a stream that the far end has opened. */
export type LightHandler = (stream: LightStream) => void | Promise<void>

/** The answer to a HOP request; 100 is OK. */
export interface HopAnswer {
  readonly status: number
  readonly stream: LightStream
}

/**
 * A libp2p peer over WebSocket, written from the specifications with nothing but Node's crypto and `ws`: Noise XX, yamux, multistream-select,
 * identify, ping, HOP and STOP. It costs a tenth of a libp2p node, so that thousands fit beside the relay that they measure, and
 * it shares no code with it.
 */
export class LightPeer {
  /** The peer id's multihash. */
  readonly id: Uint8Array
  /** Resolves when the connection has gone. */
  readonly closed: Promise<void>
  readonly #identity = createLightIdentity()
  readonly #handlers = new Map<string, LightHandler>()
  readonly #socket: WebSocket
  readonly #noise = new NoiseSession(this.#identity)
  readonly #yamux: YamuxSession

  private constructor(socket: WebSocket) {
    this.#socket = socket
    this.id = this.#identity.id
    this.#yamux = new YamuxSession(
      frame => {
        if (socket.readyState === WebSocket.OPEN) socket.send(this.#noise.seal(frame))
      },
      stream => void this.#onStream(stream),
    )
    this.closed = new Promise(resolve => {
      socket.once('close', () => {
        this.#yamux.end()
        resolve()
      })
    })
    this.#handlers.set(identifyProtocol, async stream => {
      await stream.write(withLength(this.#describe()))
      stream.finish()
    })
    this.#handlers.set(pingProtocol, stream => stream.consume(bytes => void stream.write(bytes).catch(() => {})))
  }

  /** Connects to a relay's WebSocket, `ws://host:port`, and resolves when streams can be opened. A signal that aborts before cuts it off. */
  static async connect(
    url: string,
    handlers: Readonly<Record<string, LightHandler>> = {},
    signal?: AbortSignal,
  ): Promise<LightPeer> {
    const socket = new WebSocket(url, { perMessageDeflate: false })
    const peer = new LightPeer(socket)
    const cut = (): void => socket.terminate()
    signal?.addEventListener('abort', cut, { once: true })
    for (const [protocol, handler] of Object.entries(handlers)) peer.#handlers.set(protocol, handler)
    await peer.#handshake(url).finally(() => signal?.removeEventListener('abort', cut))
    return peer
  }

  /** Streams that are open now. */
  get streams(): number {
    return this.#yamux.size
  }

  /** Opens a stream for a protocol. */
  async open(protocol: string): Promise<LightStream> {
    const stream = this.#yamux.open()
    await stream.select(protocol)
    return stream
  }

  /** Asks for a slot; resolves to the status. */
  async reserve(): Promise<number> {
    const { status, stream } = await this.#ask([[1, 0]])
    stream.finish()
    return status
  }

  /** Asks for a circuit to a peer. */
  connect(target: Uint8Array): Promise<HopAnswer> {
    return this.#ask([
      [1, 1],
      [2, writeFields([[1, target]])],
    ])
  }

  /** Takes every circuit from now on. */
  onCircuit(handler: LightHandler): void {
    this.#handlers.set(stopProtocol, async stream => {
      await stream.readMessage()
      await stream.writeMessage(
        writeFields([
          [1, 1],
          [4, statusOk],
        ]),
      )
      await handler(stream)
    })
  }

  /** Ends the connection as a tab that is closed does; resolves when it has ended. */
  async close(): Promise<void> {
    if (this.#socket.readyState !== WebSocket.CLOSED) this.#socket.close()
    await this.closed
  }

  /** Cuts the connection without a word. */
  async cut(): Promise<void> {
    this.#socket.terminate()
    await this.closed
  }

  async #handshake(url: string): Promise<void> {
    const arrived = new ByteReader()
    let wake: () => void = () => {}
    let isOpen = false
    let error: Error | undefined
    this.#socket.on('message', (data: Buffer) => {
      arrived.push(data)
      if (isOpen) this.#receive(arrived)
      else wake()
    })
    this.#socket.on('error', cause => {
      error = cause
    })
    void this.closed.then(() => wake())
    const next = async (take: () => Uint8Array | undefined): Promise<Uint8Array> => {
      for (;;) {
        const bytes = take()
        if (bytes !== undefined) return bytes
        if (this.#socket.readyState >= WebSocket.CLOSING) {
          throw new Error(`${url} ended the handshake`, error === undefined ? {} : { cause: error })
        }
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
    }
    this.#socket.once('open', () => wake())
    await next(() => (this.#socket.readyState === WebSocket.OPEN ? new Uint8Array() : undefined))
    const line = (text: string): Buffer => Buffer.from(`${String.fromCodePoint(text.length + 1)}${text}\n`)
    const greeting = Buffer.concat([line('/multistream/1.0.0'), line('/noise')])
    this.#socket.send(greeting)
    this.#socket.send(withNoiseLength(this.#noise.first()))
    await next(() => arrived.take(greeting.length))
    const { reply, muxers } = this.#noise.answer(
      await next(() => {
        const message = takeNoiseMessage(arrived)
        return message
      }),
    )
    if (!muxers.includes('/yamux/1.0.0')) throw new Error('the far end does not offer yamux in its handshake')
    this.#socket.send(withNoiseLength(reply))
    isOpen = true
    this.#receive(arrived)
  }

  #receive(arrived: ByteReader): void {
    for (;;) {
      const message = takeNoiseMessage(arrived)
      if (message === undefined) return
      this.#yamux.receive(this.#noise.open(message))
    }
  }

  async #onStream(stream: LightStream): Promise<void> {
    try {
      const protocol = await stream.accept(name => this.#handlers.has(name))
      await this.#handlers.get(protocol)?.(stream)
    } catch {
      stream.reset()
    }
  }

  async #ask(fields: Parameters<typeof writeFields>[0]): Promise<HopAnswer> {
    const stream = await this.open(hopProtocol)
    await stream.writeMessage(writeFields(fields))
    const [status] = readFields(await stream.readMessage()).get(5) ?? []
    return { status: Number(status), stream }
  }

  #describe(): Uint8Array {
    return writeFields([
      [1, this.#identity.publicKey],
      ...[...this.#handlers.keys()].map(protocol => [3, protocol] as const),
      [5, 'ipfs/0.1.0'],
      [6, 'tsugi-light-peer'],
    ])
  }
}

function takeNoiseMessage(arrived: ByteReader): Uint8Array | undefined {
  const length = arrived.peek(2)
  if (length === undefined) return undefined
  const bytes = (length[0] ?? 0) * 256 + (length[1] ?? 0)
  if (arrived.length < bytes + 2) return undefined
  arrived.take(2)
  return arrived.take(bytes)
}

function withNoiseLength(message: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(message.length >> 8, message.length & 0xff), message])
}
