import {
  type AbortOptions,
  type MessageStream,
  MuxerClosedError,
  type StreamMessageEvent,
  TooManyOutboundProtocolStreamsError,
} from '@libp2p/interface'
import { AbstractStreamMuxer } from '@libp2p/utils'
import { Uint8ArrayList } from 'uint8arraylist'

import { leanMuxer, unheard } from '../streams/lean-muxer.ts'
import type { Watched } from './liveness.ts'
import {
  type YamuxFault,
  YamuxProtocolError,
  frameFlag,
  frameType,
  goAwayCode,
  headerBytes,
  readUint32,
  windowBytes,
  writeHeader,
} from './yamux-frame.ts'
import { type YamuxPort, YamuxStream } from './yamux-stream.ts'

/** The name in multistream-select and in Noise's early negotiation. */
export const yamuxProtocol = '/yamux/1.0.0'

/** Streams that each side may open at once. */
const maxStreams = 1_000
/**
 * Streams that may wait for the connection to be ready for them. A peer that comes back asks for everything at once: its app, its slot, its
 * topics, the records of each of its games. libp2p's ten are soon too few when the relay is busy, and one more ends the connection.
 */
const maxEarlyStreams = 64
/** Answers (to pings, to streams too many) that may wait for a far end which sends and does not read. */
const maxAnswersWaiting = 256
/** A body up to this size is copied behind its header: one piece to seal instead of two. */
const maxCopiedBytes = 4_096

const LeanMuxer = leanMuxer(AbstractStreamMuxer)

/** Who wants to know what becomes of sessions; one for all of them. */
export interface SessionOwner {
  /** A session ends because of what its far end did. */
  onFault?(fault: YamuxFault): void
  /** Its connection has ended. */
  onClosed?(session: YamuxSession): void
}

/**
 * The relay's side of a yamux session (hashicorp/yamux, spec.md; libp2p/specs/yamux). It differs from @libp2p/yamux in what it costs: a frame's
 * stream is found in a map, its body is handed on as it comes, windows are told at their half and not at every frame, and no timer
 * runs for a session.
 */
export class YamuxSession extends LeanMuxer<YamuxStream> implements YamuxPort, Watched {
  /** While there are any. */
  #byId: Map<number, YamuxStream> | undefined
  readonly #isClient: boolean
  #nextId: number
  #inbound = 0
  #outbound = 0
  /** A header of which not all has arrived. */
  #header: Uint8Array | undefined
  /** The data frame whose body is arriving. */
  #receiver: YamuxStream | undefined
  #flags = 0
  #bodyLeft = 0
  #isFull = false
  #answersWaiting = 0
  #hasSaidGoAway = false
  #hasHeard = true
  #pings = 0
  readonly #owner: SessionOwner

  constructor(connection: MessageStream, owner: SessionOwner = {}) {
    super(unheard(connection), { protocol: yamuxProtocol, name: 'yamux', maxEarlyStreams })
    this.maConn = connection
    this.#owner = owner
    this.#isClient = connection.direction === 'outbound'
    this.#nextId = this.#isClient ? 1 : 2
    for (const type of ['message', 'drain', 'close'] as const) connection.addEventListener(type, this)
  }

  /** What happens to the connection; one listener for all of it, where js-libp2p's muxers have a closure for each. */
  handleEvent(event: Event): void {
    if (event.type === 'message') this.#onMessage((event as StreamMessageEvent).data)
    else if (event.type === 'drain') this.#onDrain()
    else {
      this.onTransportClosed()
      this.#owner.onClosed?.(this)
    }
  }

  override onData(data: Uint8Array | Uint8ArrayList): void {
    this.#hasHeard = true
    if (data instanceof Uint8Array) this.#parse(data)
    else for (const piece of data) this.#parse(piece)
  }

  override onCreateStream(): YamuxStream {
    if (this.#hasSaidGoAway) throw new MuxerClosedError('The session is ending.')
    if (this.#outbound >= maxStreams)
      throw new TooManyOutboundProtocolStreamsError('Too many streams on one connection.')
    const stream = this.#create(this.#nextId, 'outbound')
    this.#nextId += 2
    this.#outbound += 1
    // SYN travels with the first data, which follows at once; where it does not, by itself.
    setImmediate(() => {
      if (stream.status === 'open') stream.open()
    })
    return stream
  }

  takeHeard(): boolean {
    const hasHeard = this.#hasHeard
    this.#hasHeard = false
    return hasHeard
  }

  /** Whatever comes back says that the far end is there; the answer itself is not looked at. */
  ping(): void {
    this.#pings = (this.#pings + 1) % 2 ** 32
    this.#putHeader(frameType.ping, frameFlag.syn, 0, this.#pings)
  }

  override async close(options?: AbortOptions): Promise<void> {
    if (this.status !== 'open') return
    await super.close(options)
    this.#sayGoAway(goAwayCode.normal)
  }

  /** Ends the session and the connection below. */
  override abort(error: Error): void {
    if (this.status === 'closed') return
    super.abort(error)
    const isFault = error instanceof YamuxProtocolError
    if (isFault) this.#owner.onFault?.(error.fault)
    this.#sayGoAway(isFault ? goAwayCode.protocolError : goAwayCode.internalError)
    this.maConn.abort(error)
  }

  sendData(streamId: number, flags: number, body: Uint8Array | Uint8ArrayList): boolean {
    const length = body.byteLength
    if (length > maxCopiedBytes) {
      const header = new Uint8Array(headerBytes)
      writeHeader(header, frameType.data, flags, streamId, length)
      return this.#put(new Uint8ArrayList(header, body))
    }
    const frame = new Uint8Array(headerBytes + length)
    writeHeader(frame, frameType.data, flags, streamId, length)
    let at = headerBytes
    for (const piece of body instanceof Uint8Array ? [body] : body) {
      frame.set(piece, at)
      at += piece.byteLength
    }
    return this.#put(frame)
  }

  sendWindow(streamId: number, flags: number, bytes: number): void {
    this.#putHeader(frameType.windowUpdate, flags, streamId, bytes)
  }

  #onMessage(data: Uint8Array | Uint8ArrayList): void {
    try {
      this.onData(data)
    } catch (error) {
      this.abort(error as Error)
    }
  }

  /** The connection takes more. */
  #onDrain(): void {
    this.#isFull = false
    this.#answersWaiting = 0
    for (const stream of this.streams) stream.onMuxerDrain()
  }

  #create(streamId: number, direction: 'inbound' | 'outbound'): YamuxStream {
    const stream = new YamuxStream(this, streamId, { id: `${streamId}`, direction, log: this.log })
    this.#byId ??= new Map()
    this.#byId.set(streamId, stream)
    stream.addEventListener('close', this.#onStreamClose.bind(this, stream), { once: true })
    return stream
  }

  #onStreamClose(stream: YamuxStream): void {
    if (this.#byId?.delete(stream.streamId) !== true) return
    if (this.#byId.size === 0) this.#byId = undefined
    if (stream.direction === 'inbound') this.#inbound -= 1
    else this.#outbound -= 1
  }

  #parse(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.byteLength) {
      if (this.#bodyLeft > 0) {
        const end = Math.min(bytes.byteLength, at + this.#bodyLeft)
        this.#bodyLeft -= end - at
        this.#receiver?.take(bytes.subarray(at, end))
        at = end
        if (this.#bodyLeft === 0) this.#endFrame()
        continue
      }
      if (this.#header === undefined && bytes.byteLength - at >= headerBytes) {
        this.#onHeader(bytes, at)
        at += headerBytes
        continue
      }
      const known = this.#header?.byteLength ?? 0
      const end = Math.min(bytes.byteLength, at + headerBytes - known)
      const joined = new Uint8Array(known + end - at)
      if (this.#header !== undefined) joined.set(this.#header)
      joined.set(bytes.subarray(at, end), known)
      at = end
      this.#header = joined.byteLength < headerBytes ? joined : undefined
      if (this.#header === undefined) this.#onHeader(joined, 0)
    }
  }

  #onHeader(bytes: Uint8Array, at: number): void {
    if (bytes[at] !== 0) throw new YamuxProtocolError('an unknown version of yamux')
    const type = bytes[at + 1] ?? 0
    const flags = (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0)
    const streamId = readUint32(bytes, at + 4)
    const length = readUint32(bytes, at + 8)
    if (streamId === 0) {
      if (type === frameType.ping) this.#onPing(flags, length)
      else if (type === frameType.goAway) this.#onGoAway(length)
      else throw new YamuxProtocolError('a frame without a stream')
      return
    }
    if (type !== frameType.data && type !== frameType.windowUpdate) {
      throw new YamuxProtocolError('a frame of an unknown type')
    }
    if ((flags & frameFlag.syn) !== 0) this.#onSyn(streamId)
    // A stream that has ended here may still be sent to; that is read over.
    const stream = this.#byId?.get(streamId)
    if (type === frameType.windowUpdate) {
      stream?.onWindow(length)
    } else {
      if (length > windowBytes) throw new YamuxProtocolError('a frame is larger than any window')
      stream?.expect(length)
    }
    this.#receiver = stream
    this.#flags = flags
    this.#bodyLeft = type === frameType.data ? length : 0
    if (this.#bodyLeft === 0) this.#endFrame()
  }

  /** The frame is all here: now its flags count. */
  #endFrame(): void {
    const stream = this.#receiver
    this.#receiver = undefined
    if (stream === undefined) return
    if ((this.#flags & frameFlag.fin) !== 0) stream.onRemoteCloseWrite()
    if ((this.#flags & frameFlag.rst) !== 0) stream.onRemoteReset()
  }

  #onSyn(streamId: number): void {
    if (this.#isClient !== (streamId % 2 === 0)) throw new YamuxProtocolError('both ends claim the same role')
    if (this.#byId?.has(streamId) === true) throw new YamuxProtocolError('a stream was opened twice')
    const most = this.listenerCount('stream') === 0 ? maxEarlyStreams : maxStreams
    if (this.#hasSaidGoAway || this.#inbound >= most) {
      this.#answer(frameType.windowUpdate, frameFlag.rst, streamId, 0)
      return
    }
    this.#inbound += 1
    this.onRemoteStream(this.#create(streamId, 'inbound'))
  }

  #onPing(flags: number, value: number): void {
    if ((flags & frameFlag.syn) !== 0) this.#answer(frameType.ping, frameFlag.ack, 0, value)
  }

  #onGoAway(code: number): void {
    if (code !== goAwayCode.normal) throw new Error('the far end ended the session with an error')
    this.onTransportClosed()
    // Nobody can open a stream here any more, and not every far end closes the line: @libp2p/websockets fails to when it aborts.
    this.maConn.close().catch((error: Error) => this.maConn.abort(error))
  }

  #sayGoAway(code: number): void {
    if (this.#hasSaidGoAway) return
    this.#hasSaidGoAway = true
    this.#putHeader(frameType.goAway, 0, 0, code)
  }

  /** Sends what the far end has caused, unless it causes more than it reads. */
  #answer(type: number, flags: number, streamId: number, length: number): void {
    if (this.#isFull) {
      this.#answersWaiting += 1
      if (this.#answersWaiting > maxAnswersWaiting) {
        throw new YamuxProtocolError('the far end asks and does not read', 'yamux/unread')
      }
    }
    this.#putHeader(type, flags, streamId, length)
  }

  #putHeader(type: number, flags: number, streamId: number, length: number): void {
    const header = new Uint8Array(headerBytes)
    writeHeader(header, type, flags, streamId, length)
    try {
      this.#put(header)
    } catch (error) {
      // A connection that is ending takes nothing more, and needs to be told nothing more.
      this.log('frame not sent - %e', error)
    }
  }

  #put(frame: Uint8Array | Uint8ArrayList): boolean {
    const hasRoom = this.send(frame)
    if (!hasRoom) this.#isFull = true
    return hasRoom
  }
}
