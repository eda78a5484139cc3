import type { AbortOptions } from '@libp2p/interface'
import { AbstractStream, type AbstractStreamInit, type SendResult } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'

import type { ReceivePort, SendPort, StreamPairPort } from './session-port.ts'
import type { Session } from './session.ts'

/** The most that is read, and written, at once. */
const pieceBytes = 64 * 1_024
/** Read ahead for a reader that has not come yet. */
const earlyBytes = 256 * 1_024
const resetCode = 0

/** What {@link WtStream} needs. */
export interface WtStreamInit extends AbstractStreamInit {
  readonly pair: StreamPairPort
  readonly session: Session
}

/**
 * A libp2p stream over a bidirectional stream of a session. Reading follows the reader: what is paused is not read, and QUIC's flow control stops
 * the far end. Writing is one piece at a time, since calls of the native part that are under way together have no order.
 */
export class WtStream extends AbstractStream {
  readonly #send: SendPort
  readonly #receive: ReceivePort
  readonly #session: Session
  #isReading = false
  #hasStopped = false
  /** The far end has closed, and what it sent before is still waiting here. */
  #hasEnded = false
  #writing: Promise<void> | undefined

  constructor(init: WtStreamInit) {
    super(init)
    this.#send = init.pair.takeSend()
    this.#receive = init.pair.takeRecv()
    this.#session = init.session
    this.#session.enter(this)
    this.addEventListener('close', () => this.#session.leave(this), { once: true })
    // Not before whoever makes the stream has it.
    queueMicrotask(() => this.#read())
  }

  override addEventListener(...parameters: Parameters<AbstractStream['addEventListener']>): void {
    super.addEventListener(...parameters)
    // The base class adds listeners before the fields of this one are there.
    if (parameters[0] === 'message' && #send in this) queueMicrotask(() => this.#read())
  }

  /** Whether the far end may have sent what nobody reads. */
  get isUnread(): boolean {
    return !this.#isReading && !this.#hasStopped && this.remoteWriteStatus !== 'closed'
  }

  override sendData(data: Uint8ArrayList): SendResult {
    if (this.#writing !== undefined) return { sentBytes: 0, canSendMore: false }
    if (!this.#session.hasRoom) {
      this.#session.whenRoom(() => this.#drain())
      return { sentBytes: 0, canSendMore: false }
    }
    // A copy: it is read on another thread, and whoever sent it may use its memory again.
    const piece = data.slice(0, Math.min(pieceBytes, data.byteLength))
    this.#session.didWrite(piece.byteLength)
    this.#writing = this.#send.write(piece).then(
      () => {
        this.#writing = undefined
        this.#drain()
      },
      (error: unknown) => {
        this.#writing = undefined
        this.#onWriteFailed(error)
      },
    )
    return { sentBytes: piece.byteLength, canSendMore: false }
  }

  override sendPause(): void {
    // The read loop looks at the state before each read.
  }

  override sendResume(): void {
    this.#read()
  }

  override async sendCloseWrite(options?: AbortOptions): Promise<void> {
    await this.#writing
    options?.signal?.throwIfAborted()
    // A stream that the far end no longer reads has ended as well as it can.
    await this.#send.finish().catch(() => {})
  }

  override sendCloseRead(): Promise<void> {
    this.#stop()
    return Promise.resolve()
  }

  override sendReset(): void {
    if (!this.#session.isOpen) return
    void this.#session.track(this.#send.reset(resetCode))
    this.#stop()
  }

  #stop(): void {
    if (this.#hasStopped || (this.remoteWriteStatus === 'closed' && this.status === 'open')) return
    this.#hasStopped = true
    if (this.#session.isOpen) void this.#session.track(this.#receive.stop(resetCode))
  }

  #drain(): void {
    if (this.status === 'open' || this.status === 'closing') this.safeDispatchEvent('drain')
  }

  #mayRead(): boolean {
    if (this.#hasStopped || this.#hasEnded || this.remoteWriteStatus === 'closed') return false
    return this.readStatus === 'readable' && this.readBufferLength < earlyBytes
  }

  /** Looks whether a far end that nobody reads is still there: QUIC tells of a reset only when asked for data. */
  probe(): void {
    if (this.isUnread && this.readStatus === 'paused') this.#read(1)
  }

  #read(probeBytes?: number): void {
    if (this.#isReading || (probeBytes === undefined && !this.#mayRead())) return
    this.#isReading = true
    this.#readOn(probeBytes)
      .catch((error: unknown) => this.#onReadFailed(error))
      .finally(() => {
        this.#isReading = false
        // It may have been resumed while the last read was ending.
        if (this.#mayRead() && this.#session.isOpen) this.#read()
      })
  }

  async #readOn(probeBytes = pieceBytes): Promise<void> {
    let wanted = probeBytes
    do {
      const data = await this.#receive.read(wanted)
      if (data === null) {
        this.#hasEnded = true
        this.#tellEnd()
        return
      }
      this.#session.didRead(data.byteLength)
      this.onData(data)
      wanted = pieceBytes
    } while (this.#mayRead())
  }

  /** The end comes after the data, also where a reader has put some back or has not come yet. */
  protected override dispatchReadBuffer(): void {
    super.dispatchReadBuffer()
    this.#tellEnd()
  }

  #tellEnd(): void {
    if (!this.#hasEnded || this.readBufferLength > 0) return
    this.#hasEnded = false
    this.onRemoteCloseWrite()
  }

  #onReadFailed(error: unknown): void {
    if (this.status !== 'open' && this.status !== 'closing') return
    this.#hasStopped = true
    if (!this.#session.isOpen) this.onTransportClosed()
    else if (isReset(error)) this.onRemoteReset()
    else this.abort(error as Error)
  }

  #onWriteFailed(error: unknown): void {
    if (this.status !== 'open' && this.status !== 'closing') return
    if (!this.#session.isOpen) this.onTransportClosed()
    else if (isStopped(error)) this.#onStopped()
    else this.abort(error as Error)
  }

  /** The far end reads no more; what was not sent is of no use. */
  #onStopped(): void {
    this.onRemoteCloseRead()
    this.writeStatus = 'closed'
    if (this.remoteWriteStatus === 'closed') this.onTransportClosed()
  }
}

function isReset(error: unknown): boolean {
  return /reset/i.test(String(error))
}

function isStopped(error: unknown): boolean {
  return /stop/i.test(String(error))
}
