import type { Stream, StreamCloseEvent } from '@libp2p/interface'
import type { Timers } from '@tsugi/bounded'

import type { Bandwidth } from './bandwidth.ts'
import type { CircuitCloseReason } from './circuit-events.ts'
import { OneWay } from './one-way.ts'

/** How long what was accepted may take to be delivered after a circuit was told to end. */
const flushMs = 30_000
/** How long the ends may take to close on their side afterwards. */
const lingerMs = 5_000
/** Longer timers fire at once. */
const longestTimerMs = 2 ** 31 - 1

/** What a circuit is made of. */
export interface SpliceOptions {
  /** The caller's HOP stream. */
  readonly source: Stream
  /** The STOP stream to the holder of the reservation. */
  readonly target: Stream
  readonly sourcePeer: string
  readonly targetPeer: string
  readonly bandwidth: Bandwidth
  readonly maxBytesEachWay: number
  readonly maxDurationMs: number
  readonly maxBufferedBytes: number
  readonly timers: Timers
  readonly onPacket: (isFromSource: boolean, bytes: number) => void
  /** It ends; what was accepted is still being delivered. */
  readonly onEnding: () => void
  /** It has ended, once. */
  readonly onClosed: (reason: CircuitCloseReason) => void
}

/** Two streams made one: each byte of one goes to the other, in order, until one end or a limit closes the circuit. */
export class Splice {
  readonly #options: SpliceOptions
  readonly #forward: OneWay
  readonly #backward: OneWay
  #reason: CircuitCloseReason | undefined
  #isClosed = false
  #timer: unknown

  constructor(options: SpliceOptions) {
    this.#options = options
    const { source, target } = options
    this.#forward = this.#oneWay(source, target, true)
    this.#backward = this.#oneWay(target, source, false)
  }

  /** Bytes that wait between the two ends. */
  get bufferedBytes(): number {
    return this.#forward.bufferedBytes + this.#backward.bufferedBytes
  }

  start(): void {
    const { source, target, timers, maxDurationMs } = this.#options
    source.addEventListener('close', this.#onSourceClose)
    target.addEventListener('close', this.#onTargetClose)
    if (Number.isFinite(maxDurationMs)) {
      const delay = Math.min(maxDurationMs, longestTimerMs)
      this.#timer = timers.setTimeout(() => this.close('duration-limit'), delay)
    }
    this.#forward.start()
    this.#backward.start()
    // Either may have gone while the other answered.
    if (source.status !== 'open') this.#onGone(source, undefined)
    else if (target.status !== 'open') this.#onGone(target, undefined)
  }

  /** Accepts nothing more, delivers what was accepted, then closes both ends. */
  close(reason: CircuitCloseReason): void {
    if (this.#reason !== undefined || this.#isClosed) return
    this.#reason = reason
    this.#options.onEnding()
    this.#rearm(flushMs)
    this.#forward.finish()
    this.#backward.finish()
  }

  /** Resets both ends at once. */
  abort(reason: CircuitCloseReason): void {
    if (this.#isClosed) return
    this.#isClosed = true
    const { source, target, timers, onClosed } = this.#options
    timers.clearTimeout(this.#timer)
    source.removeEventListener('close', this.#onSourceClose)
    target.removeEventListener('close', this.#onTargetClose)
    this.#forward.stop()
    this.#backward.stop()
    const error = new Error(`The circuit was closed: ${reason}.`)
    source.abort(error)
    target.abort(error)
    onClosed(reason)
  }

  readonly #onSourceClose = (event: StreamCloseEvent): void => this.#onGone(this.#options.source, event.error)
  readonly #onTargetClose = (event: StreamCloseEvent): void => this.#onGone(this.#options.target, event.error)

  #oneWay(from: Stream, to: Stream, isForward: boolean): OneWay {
    const { sourcePeer, targetPeer, bandwidth, maxBytesEachWay, maxBufferedBytes, onPacket } = this.#options
    return new OneWay({
      from,
      to,
      peer: isForward ? sourcePeer : targetPeer,
      bandwidth,
      maxBytes: maxBytesEachWay,
      maxBufferedBytes: maxBufferedBytes / 2,
      onPacket: bytes => onPacket(isForward, bytes),
      onLimit: () => this.close('data-limit'),
      onOverflow: () => this.abort('buffer-limit'),
      onFinished: () => this.#onFinished(),
      onBroken: () => this.abort(this.#reason ?? 'reset'),
    })
  }

  #onFinished(): void {
    if (!this.#forward.isFinished || !this.#backward.isFinished) return
    this.#reason ??= 'ended'
    const { source, target } = this.#options
    if (source.status !== 'open' && target.status !== 'open') this.abort(this.#reason)
    else this.#rearm(lingerMs)
  }

  /** An end that has closed both ways, was reset, or lost its connection. */
  #onGone(stream: Stream, error: Error | undefined): void {
    if (this.#isClosed) return
    if (error !== undefined) {
      this.abort(this.#reason ?? reasonOf(error))
      return
    }
    const { source, target } = this.#options
    const other = stream === source ? target : source
    if (other.status !== 'open') {
      this.abort(this.#reason ?? 'ended')
      return
    }
    // Its connection is gone: the other end still gets what had arrived.
    const into = stream === source ? this.#backward : this.#forward
    const outOf = stream === source ? this.#forward : this.#backward
    if (into.isFinishing && this.#reason === undefined) return
    this.close('disconnected')
    into.stop()
    if (outOf.isFinished) this.#onFinished()
  }

  #rearm(delayMs: number): void {
    const { timers } = this.#options
    timers.clearTimeout(this.#timer)
    this.#timer = timers.setTimeout(() => this.abort(this.#reason ?? 'ended'), delayMs)
  }
}

/** Why a stream ended, by its error: more came than it could hold, its far end reset it, or else its connection broke. */
function reasonOf(error: Error): CircuitCloseReason {
  if (error.name === 'StreamBufferError') return 'buffer-limit'
  return error.name === 'StreamResetError' ? 'reset' : 'disconnected'
}
