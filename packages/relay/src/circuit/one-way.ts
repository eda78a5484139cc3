import type { Stream } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'

import type { Bandwidth, Flow } from './bandwidth.ts'
import { ReadGate } from './read-gate.ts'

/** What one direction of a circuit is made of. */
export interface OneWayOptions {
  readonly from: Stream
  readonly to: Stream
  /** Who sends. */
  readonly peer: string
  readonly bandwidth: Bandwidth
  /** Bytes that may pass. */
  readonly maxBytes: number
  /** Bytes that may wait here; more closes the circuit. Reached only where the transport cannot pause. */
  readonly maxBufferedBytes: number
  readonly onPacket: (bytes: number) => void
  /** The last byte that was allowed has been accepted. */
  readonly onLimit: () => void
  readonly onOverflow: () => void
  /** Everything that was accepted has been handed on and the far side's end closed. */
  readonly onFinished: () => void
  /** The far side takes nothing any more. */
  readonly onBroken: (error: Error) => void
}

/**
 * One direction of a circuit: `message` → count → `send`, and reading pauses while the far end or the bandwidth takes no more. Between the
 * two streams waits at most what the sender's window allowed before the pause reached it.
 */
export class OneWay {
  readonly #options: OneWayOptions
  readonly #gate: ReadGate
  readonly #flow: Flow
  /** Accepted, not handed on yet. */
  readonly #pending = new Uint8ArrayList()
  #allowedBytes: number
  #isSinkFull = false
  /** Nothing more is accepted. */
  #isEnding = false
  /** The far side's end is being closed: everything has been handed on. */
  isFinishing = false
  isFinished = false

  constructor(options: OneWayOptions) {
    this.#options = options
    this.#gate = new ReadGate(options.from)
    this.#allowedBytes = options.maxBytes
    this.#flow = options.bandwidth.flow(options.peer, this)
  }

  start(): void {
    const { from, to } = this.#options
    to.addEventListener('drain', this.#onDrain)
    from.addEventListener('end', this.#onEnd)
    from.addEventListener('message', this.#onMessage)
    // What came before the circuit stood was put back, and may be followed by an end that has been told already.
    if (from.readableEnded && from.readBufferLength === 0) this.#onEnd()
  }

  get bufferedBytes(): number {
    const { from, to } = this.#options
    return this.#pending.byteLength + from.readBufferLength + to.writeBufferLength
  }

  /** For {@link Bandwidth}: what could be sent if there was bandwidth. */
  get waitingBytes(): number {
    return this.#isSinkFull ? 0 : this.#pending.byteLength
  }

  /** For {@link Bandwidth}. */
  grant(bytes: number): void {
    this.#sendPending(bytes)
    this.#goOn()
  }

  /** Accepts nothing more; what was accepted is still handed on, then the far side's end is closed. */
  finish(): void {
    if (this.#isEnding) return
    this.#gate.flush()
    this.#isEnding = true
    this.#pause()
    this.#goOn()
  }

  /** Lets go of both streams; what still waits is thrown away. */
  stop(): void {
    const { from, to } = this.#options
    this.#isEnding = true
    this.isFinished = true
    this.#flow.end()
    this.#pending.consume(this.#pending.byteLength)
    from.removeEventListener('message', this.#onMessage)
    from.removeEventListener('end', this.#onEnd)
    to.removeEventListener('drain', this.#onDrain)
  }

  readonly #onMessage = ({ data }: { data: Uint8Array | Uint8ArrayList }): void => {
    if (this.#isEnding) return
    const isLast = data.byteLength >= this.#allowedBytes
    const accepted = isLast && data.byteLength > this.#allowedBytes ? firstOf(data, this.#allowedBytes) : data
    this.#allowedBytes -= accepted.byteLength
    this.#accept(accepted)
    if (isLast) this.#options.onLimit()
    else if (this.#options.from.readableEnded) this.#onEnd()
  }

  readonly #onEnd = (): void => {
    this.#isEnding = true
    this.#goOn()
  }

  /** The stream itself sends what it holds back in a microtask that was queued before this one. */
  readonly #onDrain = (): void => {
    if (this.#isSinkFull) queueMicrotask(this.#onDrained)
  }

  readonly #onDrained = (): void => {
    const { to } = this.#options
    if (!this.#isSinkFull || to.writableNeedsDrain || to.writeBufferLength > 0) return
    this.#isSinkFull = false
    this.#goOn()
  }

  #accept(data: Uint8Array | Uint8ArrayList): void {
    const bytes = data.byteLength
    if (bytes === 0) return
    if (!this.#isSinkFull && this.#pending.byteLength === 0) {
      const now = this.#flow.take(bytes)
      if (now === bytes) {
        this.#send(data)
        return
      }
      this.#pending.append(data)
      if (now > 0) this.#sendPending(now)
    } else {
      this.#pending.append(data)
    }
    this.#pause()
    if (!this.#isSinkFull) this.#flow.wait()
    if (this.bufferedBytes > this.#options.maxBufferedBytes) this.#options.onOverflow()
  }

  #pause(): void {
    const { from, to, maxBufferedBytes } = this.#options
    // Where a transport cannot pause, libp2p breaks the stream when more than this has arrived.
    from.maxReadBufferLength = Math.max(0, maxBufferedBytes - this.#pending.byteLength - to.writeBufferLength)
    this.#gate.pause()
  }

  #sendPending(bytes: number): void {
    const data = this.#pending.sublist(0, bytes)
    this.#pending.consume(bytes)
    this.#send(data)
  }

  #send(data: Uint8Array | Uint8ArrayList): void {
    const { to, onPacket, onBroken } = this.#options
    const bytes = data.byteLength
    try {
      const hasRoom = to.send(data)
      onPacket(bytes)
      if (hasRoom) return
      this.#isSinkFull = true
      this.#pause()
    } catch (error) {
      onBroken(error as Error)
    }
  }

  /** Whatever comes next: the rest of what waits, reading on, or the end. */
  #goOn(): void {
    if (this.isFinished || this.#isSinkFull) return
    if (this.#pending.byteLength > 0) {
      const now = this.#flow.take(this.#pending.byteLength)
      if (now > 0) this.#sendPending(now)
      if (this.#pending.byteLength > 0) {
        if (!this.#isSinkFull) this.#flow.wait()
        return
      }
      if (this.#isSinkFull) return
    }
    if (this.#isEnding) this.#closeSink()
    else this.#gate.resume()
  }

  #closeSink(): void {
    if (this.isFinishing) return
    this.isFinishing = true
    this.#options.to.close().then(
      () => this.#finished(),
      (error: unknown) => {
        // Closed from the far end meanwhile: then there is nobody left to tell.
        if (this.#options.to.status === 'closed') this.#finished()
        else this.#options.onBroken(error as Error)
      },
    )
  }

  #finished(): void {
    if (this.isFinished) return
    this.isFinished = true
    this.#options.onFinished()
  }
}

function firstOf(data: Uint8Array | Uint8ArrayList, bytes: number): Uint8Array | Uint8ArrayList {
  return data instanceof Uint8Array ? data.subarray(0, bytes) : data.sublist(0, bytes)
}
