import type { AbortOptions } from '@libp2p/interface'
import { AbstractStream, type AbstractStreamInit, type SendResult } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'

import { leanMessageStream } from '../streams/lean-message-stream.ts'
import { YamuxProtocolError, frameFlag, headerBytes, windowBytes } from './yamux-frame.ts'

/** What a stream needs of its session. */
export interface YamuxPort {
  /** @returns whether the connection takes more */
  sendData(streamId: number, flags: number, body: Uint8Array | Uint8ArrayList): boolean
  sendWindow(streamId: number, flags: number, bytes: number): void
}

/** A frame with its header and Noise's tag fills one Noise message. */
const maxBodyBytes = 65_535 - 16 - headerBytes
/** The far end hears of new room when this much of its window is used up, not at every frame. */
const updateBytes = windowBytes / 2
/** No window grows beyond what its four bytes can say. */
const maxWindowBytes = 2 ** 32 - 1

const LeanStream = leanMessageStream(AbstractStream)

/** One stream of a yamux session. */
export class YamuxStream extends LeanStream {
  readonly streamId: number
  readonly #port: YamuxPort
  /** SYN or ACK, which go out with the first frame. */
  #openingFlag: number
  #sendWindow = windowBytes
  #receiveWindow = windowBytes
  #isPaused = false

  constructor(port: YamuxPort, streamId: number, init: AbstractStreamInit) {
    super(init)
    this.#port = port
    this.streamId = streamId
    this.#openingFlag = init.direction === 'outbound' ? frameFlag.syn : frameFlag.ack
  }

  /** Tells the far end that the stream is there, if nothing has done so yet. */
  open(): void {
    if (this.#openingFlag !== 0) this.#port.sendWindow(this.streamId, this.#takeFlag(), 0)
  }

  override send(data: Uint8Array | Uint8ArrayList): boolean {
    const isFree = this.writeStatus === 'writable' && !this.writableNeedsDrain && !this.sendingData
    if (!isFree || this.writeBuffer.byteLength > 0 || data.byteLength > this.#sendWindow) return super.send(data)
    // All of it can go at once, so it goes without a stay in the queue.
    this.#sendWindow -= data.byteLength
    let hasRoom = true
    for (let at = 0; at < data.byteLength; at += maxBodyBytes) {
      hasRoom = this.#port.sendData(this.streamId, this.#takeFlag(), partOf(data, at, at + maxBodyBytes))
    }
    if (!hasRoom) this.writableNeedsDrain = true
    return hasRoom
  }

  override sendData(data: Uint8ArrayList): SendResult {
    let sentBytes = 0
    while (data.byteLength > 0) {
      if (this.#sendWindow === 0) return { sentBytes, canSendMore: false }
      const length = Math.min(this.#sendWindow, data.byteLength, maxBodyBytes)
      const body = length === data.byteLength ? data : data.sublist(0, length)
      const hasRoom = this.#port.sendData(this.streamId, this.#takeFlag(), body)
      this.#sendWindow -= length
      sentBytes += length
      if (length === data.byteLength) return { sentBytes, canSendMore: hasRoom }
      data.consume(length)
      if (!hasRoom) return { sentBytes, canSendMore: false }
    }
    return { sentBytes, canSendMore: true }
  }

  override sendReset(): void {
    this.#port.sendWindow(this.streamId, frameFlag.rst, 0)
  }

  override async sendCloseWrite(): Promise<void> {
    this.#port.sendWindow(this.streamId, this.#takeFlag() | frameFlag.fin, 0)
  }

  override async sendCloseRead(options?: AbortOptions): Promise<void> {
    // yamux has no word for it.
    options?.signal?.throwIfAborted()
  }

  override sendPause(): void {
    this.#isPaused = true
  }

  override sendResume(): void {
    this.#isPaused = false
    this.#widen()
  }

  /** A data frame of this size begins. */
  expect(bytes: number): void {
    if (bytes > this.#receiveWindow) throw new YamuxProtocolError('a stream sent more than its window')
    this.#receiveWindow -= bytes
  }

  /** Some of a data frame's body has arrived. */
  take(bytes: Uint8Array): void {
    this.onData(bytes)
    this.#widen()
  }

  /** The far end takes more. */
  onWindow(bytes: number): void {
    this.#sendWindow += bytes
    if (this.#sendWindow > maxWindowBytes) throw new YamuxProtocolError('a window grew too large')
    if (bytes > 0 && this.writeBuffer.byteLength > 0) this.safeDispatchEvent('drain')
  }

  #widen(): void {
    const used = windowBytes - this.#receiveWindow
    if (this.#isPaused || used < updateBytes || this.remoteWriteStatus !== 'writable') return
    this.#receiveWindow = windowBytes
    this.#port.sendWindow(this.streamId, this.#takeFlag(), used)
  }

  #takeFlag(): number {
    const flag = this.#openingFlag
    this.#openingFlag = 0
    return flag
  }
}

function partOf(data: Uint8Array | Uint8ArrayList, start: number, end: number): Uint8Array | Uint8ArrayList {
  if (start === 0 && data.byteLength <= end) return data
  const stop = Math.min(end, data.byteLength)
  return data instanceof Uint8Array ? data.subarray(start, stop) : data.sublist(start, stop)
}
