import type { SessionPort, StreamPairPort } from './session-port.ts'

/** What is known below a session, where a front sees its datagrams. */
interface SessionLine {
  readonly unsentBytes: number
  read(bytes: number): void
  written(bytes: number): void
  whenSent(onSent: () => void): void
}

/** The part of a stream that its session looks at. */
interface Readable {
  readonly isUnread: boolean
  probe(): void
}

/** What {@link Session} needs. */
export interface SessionOptions {
  readonly native: SessionPort
  readonly line?: SessionLine
  /** Streams that were reset while the native part was still writing or reading them. More than so many end the session. */
  readonly maxStuckStreams: number
  readonly unsentBytes: number
  readonly onStuck: () => void
}

/** A native session with an end that comes once, and an account of what its streams hold. */
export class Session {
  readonly #native: SessionPort
  readonly #options: SessionOptions
  readonly #waiting = new Set<() => void>()
  readonly #streams = new Set<Readable>()
  readonly ended: Promise<{ readonly closeCode: number; readonly reason: string }>
  #isOpen = true
  #stuckStreams = 0

  constructor(options: SessionOptions) {
    this.#native = options.native
    this.#options = options
    const onEnd = (): void => {
      this.#isOpen = false
      this.#wake()
    }
    this.ended = this.#native.closed().catch(() => ({ closeCode: 0, reason: 'lost' }))
    this.ended.then(onEnd, onEnd)
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Streams that are open and that nobody reads. */
  get unreadStreams(): number {
    let count = 0
    for (const stream of this.#streams) if (stream.isUnread) count += 1
    return count
  }

  enter(stream: Readable): void {
    this.#streams.add(stream)
  }

  leave(stream: Readable): void {
    this.#streams.delete(stream)
  }

  acceptStream(): Promise<StreamPairPort> {
    return this.#native.acceptBi()
  }

  openStream(): Promise<StreamPairPort> {
    return this.#native.openBi()
  }

  /** Whether a stream may give more to QUIC. */
  get hasRoom(): boolean {
    return (this.#options.line?.unsentBytes ?? 0) < this.#options.unsentBytes
  }

  /** Calls once there is room, or the session has ended. */
  whenRoom(onRoom: () => void): void {
    this.#waiting.add(onRoom)
    this.#options.line?.whenSent(() => this.#wake())
  }

  didRead(bytes: number): void {
    this.#options.line?.read(bytes)
  }

  didWrite(bytes: number): void {
    this.#options.line?.written(bytes)
  }

  /** Counts a reset that waits for the native part. */
  async track(ending: Promise<unknown>): Promise<void> {
    this.#stuckStreams += 1
    if (this.#stuckStreams > this.#options.maxStuckStreams && this.#isOpen) this.#options.onStuck()
    await ending.catch(() => {})
    this.#stuckStreams -= 1
  }

  /** Finds streams that the far end has reset while nobody read them. */
  probeStreams(): void {
    for (const stream of this.#streams) stream.probe()
  }

  /** Asks for a sign of life: a datagram, which QUIC acknowledges and libp2p ignores. */
  ping(): void {
    if (!this.#isOpen) return
    try {
      this.#native.sendDatagram(new Uint8Array(1))
    } catch {
      // The far end takes no datagrams; its own packets have to do.
    }
  }

  /** Safe to repeat. */
  close(code: number, reason: string): void {
    if (this.#isOpen) this.#native.close(code, reason)
  }

  #wake(): void {
    if (this.#isOpen && !this.hasRoom) {
      this.#options.line?.whenSent(() => this.#wake())
      return
    }
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const onRoom of waiting) onRoom()
  }
}
