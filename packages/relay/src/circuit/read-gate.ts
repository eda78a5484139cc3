import type { Stream } from '@libp2p/interface'

/** What js-libp2p's streams have beyond their interface. */
interface Dispatching {
  dispatchReadBuffer?(): void
}

/**
 * Pauses and resumes reading, without the gap in js-libp2p's `resume()`: that hands out what had arrived meanwhile, and then opens
 * the far end's window even when the reader has paused again. A reader that stays slow would be sent window after window
 * until the stream breaks at 4 MiB. Here the window opens only when everything that had arrived was taken.
 */
export class ReadGate {
  readonly #stream: Stream
  #isPaused = false

  constructor(stream: Stream) {
    this.#stream = stream
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  pause(): void {
    this.#isPaused = true
    if (this.#stream.readStatus === 'readable') this.#stream.pause()
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.flush()
    if (this.#isPaused || this.#stream.readStatus !== 'paused') return
    try {
      this.#stream.resume()
    } catch {
      // The connection below has closed without the stream having been told yet; its 'close' follows.
    }
  }

  /** Hands out what has arrived, and lets nothing more come. */
  flush(): void {
    const stream: Stream & Dispatching = this.#stream
    if (stream.readStatus !== 'paused' || stream.readBufferLength === 0) return
    if (stream.dispatchReadBuffer === undefined) return
    stream.readStatus = 'readable'
    stream.dispatchReadBuffer()
    // Dispatching ends a stream whose far end has closed; everything else stays paused.
    if ((stream.readStatus as string) === 'readable') stream.readStatus = 'paused'
  }
}
