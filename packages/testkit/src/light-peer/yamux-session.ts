import { ByteReader } from './byte-reader.ts'
import { LightStream, type StreamPort } from './light-stream.ts'

const headerBytes = 12
const type = { data: 0, window: 1, ping: 2, goAway: 3 } as const
const flag = { syn: 1, ack: 2, fin: 4, rst: 8 } as const

/** The client's side of yamux (hashicorp/yamux, spec.md). */
export class YamuxSession implements StreamPort {
  readonly #send: (bytes: Uint8Array) => void
  readonly #onStream: (stream: LightStream) => void
  readonly #streams = new Map<number, LightStream>()
  readonly #arrived = new ByteReader()
  #nextId = 1

  constructor(send: (bytes: Uint8Array) => void, onStream: (stream: LightStream) => void) {
    this.#send = send
    this.#onStream = onStream
  }

  /** How many streams are open. */
  get size(): number {
    return this.#streams.size
  }

  open(): LightStream {
    const stream = new LightStream(this.#nextId, this)
    this.#streams.set(this.#nextId, stream)
    this.#nextId += 2
    this.#frame(type.window, flag.syn, stream.id, 0)
    return stream
  }

  receive(bytes: Uint8Array): void {
    this.#arrived.push(bytes)
    for (;;) {
      const header = this.#arrived.peek(headerBytes)
      if (header === undefined) return
      const view = new DataView(header.buffer, header.byteOffset, headerBytes)
      const [kind, flags, id, length] = [view.getUint8(1), view.getUint16(2), view.getUint32(4), view.getUint32(8)]
      const body = kind === type.data ? length : 0
      if (this.#arrived.length < headerBytes + body) return
      this.#arrived.take(headerBytes)
      this.#onFrame(kind, flags, id, length, this.#arrived.take(body) ?? new Uint8Array())
    }
  }

  /** The connection below has gone. */
  end(): void {
    for (const stream of this.#streams.values()) stream.end(true)
    this.#streams.clear()
  }

  data(id: number, bytes: Uint8Array): void {
    this.#frame(type.data, 0, id, bytes.length, bytes)
  }

  window(id: number, bytes: number): void {
    this.#frame(type.window, 0, id, bytes)
  }

  finish(id: number): void {
    this.#frame(type.window, flag.fin, id, 0)
    if (this.#streams.get(id)?.hasEnded === true) this.#streams.delete(id)
  }

  reset(id: number): void {
    this.#frame(type.window, flag.rst, id, 0)
    this.#streams.delete(id)
  }

  #onFrame(kind: number, flags: number, id: number, length: number, body: Uint8Array): void {
    if (kind === type.ping) {
      if ((flags & flag.syn) !== 0) this.#frame(type.ping, flag.ack, 0, length)
      return
    }
    if (kind === type.goAway) return
    if ((flags & flag.syn) !== 0 && !this.#streams.has(id)) {
      const opened = new LightStream(id, this)
      this.#streams.set(id, opened)
      this.#frame(type.window, flag.ack, id, 0)
      this.#onStream(opened)
    }
    const stream = this.#streams.get(id)
    if (stream === undefined) return
    if (kind === type.window) stream.open(length)
    else if (body.length > 0) stream.receive(body)
    if ((flags & flag.rst) !== 0) {
      this.#streams.delete(id)
      stream.end(true)
    } else if ((flags & flag.fin) !== 0) {
      stream.end(false)
    }
  }

  #frame(kind: number, flags: number, id: number, length: number, body?: Uint8Array): void {
    const frame = Buffer.allocUnsafe(headerBytes + (body?.length ?? 0))
    frame[0] = 0
    frame[1] = kind
    frame.writeUInt16BE(flags, 2)
    frame.writeUInt32BE(id, 4)
    frame.writeUInt32BE(length, 8)
    if (body !== undefined) frame.set(body, headerBytes)
    this.#send(frame)
  }
}
