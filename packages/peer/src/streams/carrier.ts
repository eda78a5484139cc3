import type { Stream, StreamMessageEvent } from '@libp2p/interface'
import type { TaskGroup } from '@tsugi/bounded'
import { type StreamFrame, StreamFrameReader, encodeStreamFrame } from '@tsugi/protocol'

/** What a carrier uses of a libp2p stream. */
export interface CarrierStream extends Pick<Stream, 'status' | 'readableEnded' | 'writableNeedsDrain'> {
  send(bytes: Uint8Array): boolean
  close(options: { readonly signal: AbortSignal }): Promise<void>
  abort(reason: Error): void
  addEventListener(type: 'message' | 'drain' | 'end' | 'close', listener: (event: Event) => void): void
  removeEventListener(type: 'message' | 'drain' | 'end' | 'close', listener: (event: Event) => void): void
}

/** Who is told what comes over a carrier. */
export interface CarrierListener {
  onFrame(frame: StreamFrame, carrier: Carrier): void
  /** More may be sent. */
  onRoom(carrier: Carrier): void
  /** Bytes came that are no frame; nothing more is read. */
  onMalformed(carrier: Carrier): void
  /** It has ended, unless it was closed from here. */
  onEnd(carrier: Carrier): void
}

/** What {@link Carrier} needs. */
export interface CarrierOptions {
  readonly tasks: TaskGroup
  readonly isDirect: boolean
  readonly maxFrameBytes: number
  readonly listener: CarrierListener
}

/** How long the other end may take to close its side. */
const closeTimeoutMs = 3_000

/** One libp2p stream, as frames. What is sent while there is {@link hasRoom no room} waits within it, so little but frames of a few bytes should be. */
export class Carrier {
  readonly isDirect: boolean
  /** Whoever has to do with it now. */
  listener: CarrierListener
  readonly #stream: CarrierStream
  readonly #tasks: TaskGroup
  readonly #reader: StreamFrameReader
  #isClosing = false
  #isDeaf = false
  #hasEnded = false

  constructor(stream: CarrierStream, options: CarrierOptions) {
    this.isDirect = options.isDirect
    this.listener = options.listener
    this.#stream = stream
    this.#tasks = options.tasks
    this.#reader = new StreamFrameReader(options.maxFrameBytes)
    stream.addEventListener('message', this.#onMessage)
    stream.addEventListener('drain', this.#onDrain)
    stream.addEventListener('end', this.#onEnd)
    stream.addEventListener('close', this.#onEnd)
    if (stream.status !== 'open' || stream.readableEnded) queueMicrotask(this.#onEnd)
  }

  /** Whether it stands and takes more at once. */
  get hasRoom(): boolean {
    return this.isOpen && !this.#stream.writableNeedsDrain
  }

  get isOpen(): boolean {
    return !this.#hasEnded && !this.#isClosing
  }

  send(frame: StreamFrame): void {
    if (!this.isOpen) return
    try {
      this.#stream.send(encodeStreamFrame(frame))
    } catch (error) {
      this.abort(error)
    }
  }

  /** Sends what is on its way and closes; nothing is read any more. Resolves when both ends have closed, or one took too long. */
  close(): Promise<void> {
    if (!this.isOpen) return Promise.resolve()
    this.#isClosing = true
    const closed = Promise.withResolvers<void>()
    this.#tasks.run('close carrier', async ended => {
      const signal = AbortSignal.any([ended, AbortSignal.timeout(closeTimeoutMs)])
      const over = Promise.withResolvers<void>()
      const finish = (): void => over.resolve()
      this.#stream.addEventListener('close', finish)
      signal.addEventListener('abort', finish)
      await this.#stream.close({ signal }).catch(finish)
      if (this.#stream.status === 'open' || this.#stream.status === 'closing') await over.promise
      this.#stream.removeEventListener('close', finish)
      signal.removeEventListener('abort', finish)
      this.abort()
      closed.resolve()
    })
    // A group that has stopped runs nothing.
    if (this.#tasks.isStopped) {
      this.abort()
      closed.resolve()
    }
    return closed.promise
  }

  /** Ends it at once. */
  abort(reason?: unknown): void {
    this.#stream.abort(reason instanceof Error ? reason : new Error('The carrier was let go.'))
    this.#end()
  }

  readonly #onMessage = (event: Event): void => {
    if (!this.isOpen || this.#isDeaf) return
    const read = this.#reader.read((event as StreamMessageEvent).data.subarray(), frame => {
      this.listener.onFrame(frame, this)
      return this.isOpen
    })
    if (read.ok) return
    this.#isDeaf = true
    this.listener.onMalformed(this)
  }

  readonly #onDrain = (): void => {
    if (this.hasRoom) this.listener.onRoom(this)
  }

  readonly #onEnd = (): void => {
    // Its other half would stay open.
    if (!this.#isClosing) this.abort(new Error('The other end has closed the carrier.'))
  }

  #end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#stream.removeEventListener('message', this.#onMessage)
    this.#stream.removeEventListener('drain', this.#onDrain)
    this.#stream.removeEventListener('end', this.#onEnd)
    this.#stream.removeEventListener('close', this.#onEnd)
    if (!this.#isClosing) this.listener.onEnd(this)
  }
}
