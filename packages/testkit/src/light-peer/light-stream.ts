import { ByteReader } from './byte-reader.ts'
import { readVarint, varint, withLength } from './fields.ts'

/** What a stream sends, through its session. */
export interface StreamPort {
  data(id: number, bytes: Uint8Array): void
  window(id: number, bytes: number): void
  finish(id: number): void
  reset(id: number): void
}

/** yamux's first window, each way. */
const windowBytes = 256 * 1_024
/** A window is told anew when half of it is used up. */
const windowStep = windowBytes / 2

/** One yamux stream. Reading pulls; while nobody reads, the far end's window stays shut. */
export class LightStream {
  readonly id: number
  readonly #port: StreamPort
  readonly #arrived = new ByteReader()
  #sendWindow = windowBytes
  #unacknowledged = 0
  #hasEnded = false
  #hasFinished = false
  #wakeReader: (() => void) | undefined
  #wakeWriter: (() => void) | undefined
  #onData: ((bytes: Uint8Array) => void) | undefined
  /** Called once, when it was reset from the far end or its connection has gone. */
  onReset: (() => void) | undefined

  constructor(id: number, port: StreamPort) {
    this.id = id
    this.#port = port
  }

  /** Whether nothing more will come. */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** From now on each piece is handed to this function, and counts as read. */
  consume(onData: (bytes: Uint8Array) => void): void {
    this.#onData = onData
    if (this.#arrived.length > 0) this.receive(this.#arrived.takeAll(), true)
  }

  /** For the session: bytes have arrived. */
  receive(bytes: Uint8Array, isHeld = false): void {
    if (this.#onData === undefined) this.#arrived.push(bytes)
    else {
      this.#onData(bytes)
      this.#read(bytes.length)
    }
    if (!isHeld) this.#wakeReader?.()
  }

  /** For the session: the far end can take more. */
  open(bytes: number): void {
    this.#sendWindow += bytes
    this.#wakeWriter?.()
  }

  /** For the session: nothing more comes. */
  end(isReset: boolean): void {
    if (this.#hasEnded && !isReset) return
    this.#hasEnded = true
    this.#wakeReader?.()
    if (!isReset || this.#hasFinished) return
    this.#hasFinished = true
    this.#wakeWriter?.()
    this.onReset?.()
  }

  /** Whatever comes next; `undefined` at the end. */
  async read(): Promise<Uint8Array | undefined> {
    while (this.#arrived.length === 0 && !this.#hasEnded) await this.#more()
    if (this.#arrived.length === 0) return undefined
    const bytes = this.#arrived.takeAll()
    this.#read(bytes.length)
    return bytes
  }

  /** A message that has its length before it. */
  async readMessage(): Promise<Uint8Array> {
    for (;;) {
      const length = readVarint(this.#arrived.peek(Math.min(this.#arrived.length, 9)) ?? new Uint8Array())
      const message = length && this.#arrived.peek(length.end + length.value)
      if (length !== undefined && message !== undefined) {
        this.#arrived.take(message.length)
        this.#read(message.length)
        return message.subarray(length.end)
      }
      if (this.#hasEnded) throw new Error('the stream ended before a message was complete')
      await this.#more()
    }
  }

  /** Sends everything, waiting while the far end takes no more. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      if (this.#hasFinished) throw new Error('the stream takes no more')
      if (this.#sendWindow === 0) {
        await new Promise<void>(resolve => {
          this.#wakeWriter = resolve
        })
        continue
      }
      const piece = bytes.subarray(at, at + Math.min(this.#sendWindow, 32_768))
      this.#sendWindow -= piece.length
      at += piece.length
      this.#port.data(this.id, piece)
    }
  }

  writeMessage(message: Uint8Array): Promise<void> {
    return this.write(withLength(message))
  }

  /** Says a protocol of multistream-select as its dialler, and waits for the answer. */
  async select(protocol: string): Promise<void> {
    await this.write(Buffer.concat([multistream('/multistream/1.0.0'), multistream(protocol)]))
    for (const expected of ['/multistream/1.0.0', protocol]) {
      const answer = Buffer.from(await this.readMessage())
        .toString()
        .trimEnd()
      if (answer !== expected) throw new Error(`the far end answered "${answer}" to "${expected}"`)
    }
  }

  /** Answers multistream-select; resolves to the protocol that was chosen. */
  async accept(has: (protocol: string) => boolean): Promise<string> {
    for (;;) {
      const said = Buffer.from(await this.readMessage())
        .toString()
        .trimEnd()
      const isKnown = said === '/multistream/1.0.0' || has(said)
      await this.write(multistream(isKnown ? said : 'na'))
      if (isKnown && said !== '/multistream/1.0.0') return said
    }
  }

  /** Sends nothing more. */
  finish(): void {
    if (this.#hasFinished) return
    this.#hasFinished = true
    this.#port.finish(this.id)
  }

  reset(): void {
    this.#hasFinished = true
    this.#port.reset(this.id)
    this.end(true)
  }

  #more(): Promise<void> {
    return new Promise(resolve => {
      this.#wakeReader = resolve
    })
  }

  #read(bytes: number): void {
    this.#unacknowledged += bytes
    if (this.#unacknowledged < windowStep || this.#hasEnded) return
    this.#port.window(this.id, this.#unacknowledged)
    this.#unacknowledged = 0
  }
}

function multistream(line: string): Uint8Array {
  const bytes = Buffer.from(`${line}\n`)
  return Buffer.concat([varint(bytes.length), bytes])
}
