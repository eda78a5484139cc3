import type { TaskGroup, TaskHandle } from '@tsugi/bounded'
import { type PeerId, type StreamFrame, type StreamOffsets, isStreamCode } from '@tsugi/protocol'

import { PeerError } from '../peer-error.ts'
import { TypedEvents } from '../typed-events.ts'
import type { Carrier, CarrierListener } from './carrier.ts'
import type { PeerStream, PeerStreamEvents, StreamEnd, StreamRoute, StreamState } from './peer-stream.ts'
import { ReceiveBuffer } from './receive-buffer.ts'
import { SendBuffer } from './send-buffer.ts'
import type { StreamCode } from './stream-codes.ts'

/** What {@link LastingStream} needs. */
export interface LastingStreamOptions {
  readonly id: string
  readonly remotePeer: PeerId
  readonly protocol: string
  /** Whether it was opened here: then carriers are too. */
  readonly isOpener: boolean
  /** Ends with the stream. */
  readonly tasks: TaskGroup
  readonly windowBytes: number
  readonly frameBytes: number
  /** How long it may be without a carrier. */
  readonly awayMs: number
  /** It is over here, and how: nothing of it is needed any more. */
  readonly onOver: (end: StreamEnd) => void
}

/** What was read is told at once when it is much; else so much later, together with what is read meanwhile. */
const ackDelayMs = 50

/**
 * One end of a lasting stream: what was written and not acknowledged, what came and was not read, and the carrier between. It can be
 * attached to another carrier at any time, and goes on where the other end has come to.
 */
export class LastingStream extends TypedEvents<PeerStreamEvents> implements PeerStream, CarrierListener {
  readonly id: string
  readonly remotePeer: PeerId
  readonly protocol: string
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>
  readonly writable: WritableStream<Uint8Array>
  readonly closed: Promise<StreamEnd>
  readonly tasks: TaskGroup
  readonly #options: LastingStreamOptions
  readonly #sent: SendBuffer
  readonly #received: ReceiveBuffer
  readonly #closed = Promise.withResolvers<StreamEnd>()
  #carrier: Carrier | undefined
  #end: StreamEnd | undefined
  /** Whether all has arrived and it is only here until the other end knows. */
  #isSettling = false
  #wasCarried = false
  #gone: PromiseWithResolvers<void> | undefined
  #isCancelled = false
  #isClosed = false
  #away: TaskHandle | undefined
  #ack: TaskHandle | undefined
  #reader!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>
  #writer!: WritableStreamDefaultController
  /** Who waits: the reader for bytes, the writer for room, and for the word that the end has arrived. */
  #hasBytes: PromiseWithResolvers<void> | undefined
  #hasRoom: PromiseWithResolvers<void> | undefined
  #hasArrived: PromiseWithResolvers<void> | undefined

  constructor(options: LastingStreamOptions) {
    super()
    this.id = options.id
    this.remotePeer = options.remotePeer
    this.protocol = options.protocol
    this.tasks = options.tasks
    this.#options = options
    this.#sent = new SendBuffer(options.windowBytes)
    this.#received = new ReceiveBuffer(options.windowBytes)
    this.closed = this.#closed.promise
    this.readable = new ReadableStream(
      {
        start: controller => void (this.#reader = controller),
        pull: () => this.#pull(),
        cancel: () => this.#cancel(),
      },
      { highWaterMark: 0 },
    )
    this.writable = new WritableStream({
      start: controller => void (this.#writer = controller),
      write: chunk => this.#write(chunk),
      close: () => this.#finish(),
      abort: (reason: unknown) => this.#fail(codeOf(reason), false),
    })
    this.tasks.own('open', () => {})
  }

  get state(): StreamState {
    if (this.#end !== undefined) return 'ended'
    return this.#carrier === undefined ? 'waiting' : 'carried'
  }

  get route(): StreamRoute | null {
    if (this.#carrier === undefined || this.#end !== undefined) return null
    return this.#carrier.isDirect ? 'direct' : 'relayed'
  }

  /** What carries it, also while it settles. */
  get carrier(): Carrier | undefined {
    return this.#carrier
  }

  /** Whether the other end knows of it. */
  get wasCarried(): boolean {
    return this.#wasCarried
  }

  get isSettling(): boolean {
    return this.#isSettling
  }

  /** Whether it needs no carrier any more. */
  get isOver(): boolean {
    return this.#end !== undefined && !this.#isSettling
  }

  get unacknowledgedBytes(): number {
    return this.#sent.heldBytes
  }

  get unreadBytes(): number {
    return this.#received.heldBytes
  }

  /** How far it is, for `hello` and `welcome`. */
  offsets(): StreamOffsets {
    return this.#received.tell()
  }

  /** Lets go of the carrier without ending it: another one is about to be tried. What still comes over it is not read. */
  detach(): Carrier | undefined {
    const carrier = this.#carrier
    if (carrier !== undefined) carrier.listener = silent
    this.#carrier = undefined
    this.#gone?.resolve()
    this.#gone = undefined
    return carrier
  }

  /**
   * Goes on over another carrier; the one before is let go.
   *
   * @param offsets - how far the other end says it is
   * @param isGreeted - whether the other end knows how far we are; else it is told first
   * @returns whether that can be; if not, nothing has changed
   */
  attach(carrier: Carrier, offsets: StreamOffsets, isGreeted: boolean): boolean {
    if (this.isOver || !this.#sent.resume(offsets)) return false
    this.detach()?.abort()
    this.#carrier = carrier
    this.#wasCarried = true
    carrier.listener = this
    this.#away?.end()
    this.#away = undefined
    if (!isGreeted) carrier.send({ type: 'welcome', offsets: this.#received.tell() })
    this.#wakeWriter()
    this.#pump()
    if (this.#carrier === carrier && this.#end === undefined)
      this.emit('carried', { route: carrier.isDirect ? 'direct' : 'relayed' })
    return true
  }

  /** Nothing carries it: from now on it has so long to find something. */
  wait(): void {
    if (this.isOver || this.#away !== undefined) return
    this.#away = this.tasks.timeout('no way', this.#options.awayMs, () => this.fail('stream/no-way'))
    if (this.#end === undefined) this.emit('waiting', undefined)
  }

  /** Resolves when nothing carries it any more. */
  untilGone(): Promise<void> {
    if (this.#carrier === undefined) return Promise.resolve()
    this.#gone ??= Promise.withResolvers()
    return this.#gone.promise
  }

  abort(code = 'stream/aborted'): void {
    if (!isStreamCode(code))
      throw new PeerError('stream/invalid-code', `"${code}" is no code: 1 to 64 printable ASCII characters.`)
    this.#fail(code, false)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.abort()
    await this.closed
  }

  /** Ends it before its time, and tells the other end. */
  fail(code: StreamCode): void {
    this.#fail(code, false)
  }

  /** The other end has ended it, or knows nothing of it. */
  endedThere(code: string): void {
    if (code !== 'stream/ended') return this.#fail(code, true)
    // The acceptor says so when it has all of ours and knows that we have all of its own; the last acknowledgement may have been lost on the way.
    if (this.#options.isOpener && this.#received.isWhole && this.#sent.acknowledgeAll()) {
      this.#wakeWriter()
      this.#look()
    }
    if (this.#isSettling) this.#settle()
    else this.#fail('stream/lost', true)
  }

  onFrame(frame: StreamFrame): void {
    switch (frame.type) {
      case 'data':
        if (!this.#received.take(frame.bytes)) return this.fail('stream/malformed')
        this.#serve()
        return
      case 'fin':
        if (!this.#received.finish()) return this.fail('stream/malformed')
        this.#serve()
        return
      case 'ack':
        if (!this.#sent.acknowledge(frame.consumed)) return this.fail('stream/malformed')
        this.#wakeWriter()
        this.#pump()
        return
      case 'end':
        this.endedThere(frame.code)
        return
      case 'hello':
      case 'welcome':
        this.fail('stream/malformed')
    }
  }

  onRoom(): void {
    this.#pump()
  }

  onMalformed(): void {
    this.fail('stream/malformed')
  }

  onEnd(carrier: Carrier): void {
    if (carrier !== this.#carrier) return
    this.detach()
    this.wait()
  }

  /** Gives the carrier all that it and the other end take now. */
  #pump(): void {
    for (;;) {
      const carrier = this.#carrier
      if (carrier?.hasRoom !== true) break
      const next = this.#received.isDue ? undefined : this.#sent.take(this.#options.frameBytes)
      // What is sent anyway takes with it how far we have read.
      if (this.#received.isDue || (next !== undefined && this.#received.untold > 0)) this.#tell(carrier)
      else if (next === undefined) break
      if (next !== undefined) carrier.send(next)
    }
    if (this.#received.untold > 0) this.#tellSoon()
    this.#look()
  }

  #tell(carrier: Carrier): void {
    this.#ack?.end()
    this.#ack = undefined
    carrier.send({ type: 'ack', consumed: this.#received.tell().consumed })
  }

  #tellSoon(): void {
    if (this.#ack?.isActive === true || this.#carrier === undefined) return
    this.#ack = this.tasks.timeout('acknowledge', ackDelayMs, () => {
      if (this.#carrier?.hasRoom !== true || this.#received.untold === 0) return
      this.#tell(this.#carrier)
      this.#look()
    })
  }

  /** Looks whether everything has arrived, both ways. */
  #look(): void {
    if (!this.#sent.isWhole || !this.#received.isWhole) return
    const { isOpener } = this.#options
    if (this.#end === undefined) {
      this.#end = { ok: true }
      this.#isSettling = true
      this.#closed.resolve(this.#end)
    }
    // The opener hears from the other end that nothing is left to be told; so neither forgets while the other needs it.
    if (this.#isSettling && !isOpener && this.#received.untold === 0 && this.#carrier !== undefined) {
      this.#carrier.send({ type: 'end', code: 'stream/ended' })
      this.#settle()
    }
  }

  #settle(): void {
    if (this.isOver) return
    this.#isSettling = false
    this.#leave({ ok: true })
  }

  #fail(code: string, isRemote: boolean): void {
    if (this.isOver) return
    // All has arrived, so nobody here is told of what comes after.
    if (this.#isSettling) return this.#settle()
    const end: StreamEnd = { ok: false, code, isRemote }
    this.#end = end
    const error = new PeerError(
      'stream/broken',
      `The stream ${this.protocol} with ${this.remotePeer} has ended${isRemote ? ' at the other end' : ''}: ${code}.`,
    )
    if (!isRemote) this.#carrier?.send({ type: 'end', code })
    this.#reader.error(error)
    this.#writer.error(error)
    this.#hasBytes?.resolve()
    for (const waiting of [this.#hasRoom, this.#hasArrived]) waiting?.reject(error)
    this.#received.discard()
    this.#closed.resolve(end)
    this.#leave(end)
  }

  #leave(end: StreamEnd): void {
    void this.detach()?.close()
    void this.tasks.stop()
    this.#options.onOver(end)
  }

  async #write(chunk: Uint8Array): Promise<void> {
    if (!(chunk instanceof Uint8Array)) {
      const error = new PeerError('stream/invalid-chunk', 'A stream takes chunks of type Uint8Array.')
      this.fail('stream/aborted')
      throw error
    }
    for (let at = 0; at < chunk.length;) {
      while (this.#sent.room === 0) {
        this.#hasRoom ??= Promise.withResolvers()
        await this.#hasRoom.promise
      }
      const part = chunk.subarray(at, at + this.#sent.room)
      this.#sent.append(part)
      at += part.length
      this.#pump()
    }
  }

  async #finish(): Promise<void> {
    this.#sent.finish()
    this.#hasArrived = Promise.withResolvers()
    this.#pump()
    this.#wakeWriter()
    await this.#hasArrived.promise
  }

  #wakeWriter(): void {
    if (this.#sent.room > 0) {
      this.#hasRoom?.resolve()
      this.#hasRoom = undefined
    }
    if (this.#sent.isWhole) this.#hasArrived?.resolve()
  }

  async #pull(): Promise<void> {
    this.#hasBytes = Promise.withResolvers()
    this.#serve()
    await this.#hasBytes?.promise
  }

  /** Gives a reader that waits what has come. */
  #serve(): void {
    if (this.#end !== undefined) return
    if (this.#hasBytes !== undefined) {
      const bytes = this.#received.read(this.#options.windowBytes)
      if (bytes !== undefined) {
        this.#reader.enqueue(bytes)
        this.#hasBytes.resolve()
        this.#hasBytes = undefined
      }
    }
    if (this.#received.isWhole && !this.#isCancelled) this.#close()
    this.#pump()
  }

  #close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#reader.close()
    this.#hasBytes?.resolve()
    this.#hasBytes = undefined
  }

  #cancel(): void {
    this.#isCancelled = true
    this.#received.discard()
    this.#pump()
  }
}

/** What a carrier that was let go tells nobody. */
const silent: CarrierListener = { onFrame() {}, onRoom() {}, onMalformed() {}, onEnd() {} }

/** The reason that a writer gave, when it is one that can travel. */
function codeOf(reason: unknown): string {
  return typeof reason === 'string' && isStreamCode(reason) ? reason : 'stream/aborted'
}
