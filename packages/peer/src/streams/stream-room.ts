import type { Connection } from '@libp2p/interface'
import { ExpiringBook, type TaskGroup } from '@tsugi/bounded'
import {
  type AppId,
  type Limits,
  type PeerId,
  type StreamFrame,
  type StreamHello,
  streamIdBytes,
  toHex,
} from '@tsugi/protocol'

import { PeerError } from '../peer-error.ts'
import type { BackoffOptions } from '../relays/backoff.ts'
import type { CarrierWays } from './carrier-ways.ts'
import { Carrier, type CarrierStream } from './carrier.ts'
import { carryRetry, carryStream } from './carry.ts'
import { LastingStream } from './lasting-stream.ts'
import type { PeerStream, StreamEnd, Streams, StreamsStats } from './peer-stream.ts'
import { type StreamCode, countedCode } from './stream-codes.ts'

type Handler = (stream: PeerStream) => unknown

/** What {@link StreamRoom} needs. */
export interface StreamRoomOptions {
  readonly self: PeerId
  readonly app: AppId
  readonly limits: Limits
  /** Ends with the peer, after {@link StreamRoom.close}. */
  readonly tasks: TaskGroup
  readonly ways: CarrierWays
  /** Resolves a text to a peer id. @throws PeerError `link/invalid-peer` */
  readonly parsePeer: (text: string) => PeerId
  /** How soon a carrier is tried again. */
  readonly retry?: BackoffOptions
  /** Takes no more carriers. */
  readonly onClose: () => Promise<unknown>
}

/** A stream to somebody with whom no line can be made is given up after so long. */
const openTimeoutMs = 20_000
/** What streams may take to say goodbye. */
const farewellMs = 1_000

/** All lasting streams of one peer. */
export class StreamRoom implements Streams {
  readonly #options: StreamRoomOptions
  readonly #handlers = new Map<string, Handler>()
  /** By who opened it, with whom, and its id: so a stranger who knows an id has another stream. */
  readonly #streams = new Map<string, LastingStream>()
  /** What has become of streams that others opened, for those who have not heard. */
  readonly #ended: ExpiringBook<string, string>
  readonly #greetings = new Map<Carrier, PeerId>()
  readonly #counts = { opened: 0, accepted: 0, carried: 0, whole: 0 }
  readonly #failed: Record<string, number> = {}
  readonly #refused: Record<string, number> = {}
  /** The number of the last carrier of each stream that others opened. */
  readonly #carriers = new WeakMap<LastingStream, number>()
  #closed: Promise<void> | undefined

  constructor(options: StreamRoomOptions) {
    this.#options = options
    const { streamsAtOnce, streamAwayMs } = options.limits
    this.#ended = new ExpiringBook({ capacity: Math.max(1, Math.min(streamsAtOnce, 10_000) * 2), ttlMs: streamAwayMs })
  }

  get isClosed(): boolean {
    return this.#closed !== undefined
  }

  async open(peer: string, protocol: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<PeerStream> {
    this.#requireOpen()
    signal?.throwIfAborted()
    const remotePeer = this.#options.parsePeer(peer)
    this.#requireName(protocol)
    if (!this.#hasRoomFor(remotePeer))
      throw new PeerError('stream/too-many', 'As many streams are open as are allowed.')
    const id = toHex(crypto.getRandomValues(new Uint8Array(streamIdBytes)))
    const { app, limits, tasks, ways } = this.#options
    const stream = this.#create(id, remotePeer, protocol, true)
    this.#counts.opened += 1
    const settled = Promise.withResolvers<void>()
    let refusal: string | undefined
    stream.addEventListener('carried', () => settled.resolve(), { once: true })
    void stream.closed.then(() => settled.resolve())
    stream.tasks.timeout('open', openTimeoutMs, () => settled.resolve())
    stream.tasks.run('carry', ended =>
      carryStream(
        {
          app,
          stream,
          ways,
          tasks,
          frameBytes: limits.streamFrameBytes,
          greetingMs: limits.streamGreetingMs,
          mostStreams: limits.streamsPerPeer,
          retry: this.#options.retry ?? carryRetry,
          onCarried: () => void (this.#counts.carried += 1),
          onRefused(code) {
            if (code === 'stream/stale') return
            refusal = code
            stream.endedThere(code === 'stream/unsupported' && stream.wasCarried ? 'stream/lost' : code)
          },
        },
        ended,
      ),
    )
    const onAbort = (): void => settled.resolve()
    signal?.addEventListener('abort', onAbort)
    await settled.promise
    signal?.removeEventListener('abort', onAbort)
    if (signal?.aborted !== true && stream.wasCarried) return stream
    stream.fail(signal?.aborted === true ? 'stream/aborted' : 'stream/no-way')
    signal?.throwIfAborted()
    this.#requireOpen()
    if (refusal === undefined || refusal === 'stream/unsupported') {
      const why = refusal === undefined ? 'no line to it could be made' : 'it speaks no streams'
      throw new PeerError('stream/unreachable', `No stream to ${remotePeer}: ${why}.`)
    }
    throw new PeerError('stream/refused', `${remotePeer} takes no stream of ${protocol}: ${refusal}.`)
  }

  handle(protocol: string, handler: Handler): () => void {
    this.#requireOpen()
    this.#requireName(protocol)
    if (this.#handlers.has(protocol))
      throw new PeerError('stream/handled-already', `Somebody takes ${protocol} already.`)
    if (this.#handlers.size >= this.#options.limits.streamHandlers) {
      throw new PeerError('stream/too-many', 'As many protocols are taken as are allowed.')
    }
    this.#handlers.set(protocol, handler)
    return () => {
      if (this.#handlers.get(protocol) === handler) this.#handlers.delete(protocol)
    }
  }

  list(): PeerStream[] {
    return [...this.#streams.values()].filter(({ isSettling }) => !isSettling)
  }

  stats(): StreamsStats {
    const all = [...this.#streams.values()]
    const sum = (count: (stream: LastingStream) => number): number =>
      all.reduce((total, each) => total + count(each), 0)
    return {
      open: sum(({ isSettling }) => (isSettling ? 0 : 1)),
      waiting: sum(({ state }) => (state === 'waiting' ? 1 : 0)),
      settling: sum(({ isSettling }) => (isSettling ? 1 : 0)),
      handlers: this.#handlers.size,
      greetings: this.#greetings.size,
      unacknowledgedBytes: sum(({ unacknowledgedBytes }) => unacknowledgedBytes),
      unreadBytes: sum(({ unreadBytes }) => unreadBytes),
      ...this.#counts,
      failed: { ...this.#failed },
      refused: { ...this.#refused },
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Somebody has opened a carrier. */
  greet(line: CarrierStream, { remotePeer, direct }: Pick<Connection, 'remotePeer' | 'direct'>): void {
    const { tasks, limits } = this.#options
    const from = remotePeer.toString() as PeerId
    const withPeer = [...this.#greetings.values()].filter(peer => peer === from).length
    const isFull = this.#greetings.size >= limits.streamGreetings || withPeer >= limits.streamsPerPeer
    if (this.#closed !== undefined || isFull) {
      this.#count(this.#refused, 'stream/too-many')
      line.abort(new Error('As many carriers are being greeted as are allowed.'))
      return
    }
    const over = (carrier: Carrier): void => {
      this.#greetings.delete(carrier)
      silence.end()
    }
    const refuse = (carrier: Carrier, code: string): void => {
      over(carrier)
      this.#count(this.#refused, countedCode(code))
      carrier.send({ type: 'end', code })
      void carrier.close()
    }
    const carrier = new Carrier(line, {
      tasks,
      isDirect: direct,
      maxFrameBytes: limits.streamFrameBytes,
      listener: {
        onFrame: (frame: StreamFrame, carrier) => {
          const refusal = frame.type === 'hello' ? this.#hello(frame.hello, from, carrier) : 'stream/malformed'
          if (refusal === undefined) over(carrier)
          else refuse(carrier, refusal)
        },
        onRoom() {},
        onMalformed: carrier => refuse(carrier, 'stream/malformed'),
        onEnd: over,
      },
    })
    const silence = tasks.timeout('greeting', limits.streamGreetingMs, () => {
      this.#count(this.#refused, 'stream/malformed')
      carrier.abort()
    })
    this.#greetings.set(carrier, from)
  }

  /** Somebody says which stream a carrier is for; answers why not. [Y3] */
  #hello(hello: StreamHello, from: PeerId, carrier: Carrier): string | undefined {
    const id = toHex(hello.id)
    const key = keyOf(from, id, false)
    const known = this.#streams.get(key)
    if (known !== undefined) {
      if (hello.protocol !== known.protocol || hello.app !== this.#options.app) return 'stream/malformed'
      if (hello.carrier <= (this.#carriers.get(known) ?? -1)) return 'stream/stale'
      if (!known.attach(carrier, hello, false)) return 'stream/malformed'
      this.#carriers.set(known, hello.carrier)
      this.#counts.carried += 1
      return undefined
    }
    const refusal = this.#ended.get(key) ?? (hello.resumes ? 'stream/lost' : this.#whyNot(hello, from))
    if (refusal !== undefined) return refusal
    const handler = this.#handlers.get(hello.protocol)
    if (handler === undefined) return 'stream/no-handler'
    if (hello.received > 0) return 'stream/malformed'
    const stream = this.#create(id, from, hello.protocol, false)
    this.#carriers.set(stream, hello.carrier)
    this.#counts.accepted += 1
    this.#counts.carried += 1
    stream.attach(carrier, hello, false)
    void this.#hand(stream, handler)
    return undefined
  }

  /** How long a handler takes is its own affair: nobody waits for it. */
  async #hand(stream: LastingStream, handler: Handler): Promise<void> {
    try {
      await handler(stream)
    } catch (error) {
      stream.fail('stream/failed')
      this.#options.tasks.run('handler', () => Promise.reject(error))
    }
  }

  #whyNot(hello: StreamHello, from: PeerId): StreamCode | undefined {
    if (hello.app !== this.#options.app) return 'stream/other-app'
    return this.#hasRoomFor(from) ? undefined : 'stream/too-many'
  }

  #create(id: string, remotePeer: PeerId, protocol: string, isOpener: boolean): LastingStream {
    const { limits, tasks, ways } = this.#options
    const key = keyOf(remotePeer, id, isOpener)
    const stream = new LastingStream({
      id,
      remotePeer,
      protocol,
      isOpener,
      tasks: tasks.child(id.slice(0, 8)),
      windowBytes: limits.streamWindowBytes,
      frameBytes: limits.streamFrameBytes,
      awayMs: limits.streamAwayMs,
      onOver: end => {
        this.#streams.delete(key)
        this.#note(end)
        if (!isOpener) this.#ended.set(key, end.ok ? 'stream/ended' : end.code)
        ways.leave(remotePeer)
      },
    })
    this.#streams.set(key, stream)
    ways.enter(remotePeer)
    return stream
  }

  #note(end: StreamEnd): void {
    if (end.ok) this.#counts.whole += 1
    else this.#count(this.#failed, countedCode(end.code))
  }

  #count(counts: Record<string, number>, code: StreamCode): void {
    counts[code] = (counts[code] ?? 0) + 1
  }

  #hasRoomFor(peer: PeerId): boolean {
    const { streamsAtOnce, streamsPerPeer } = this.#options.limits
    if (this.#streams.size >= streamsAtOnce) return false
    let withPeer = 0
    for (const { remotePeer } of this.#streams.values()) if (remotePeer === peer) withPeer += 1
    return withPeer < streamsPerPeer
  }

  #requireName(protocol: string): void {
    const { streamNameLength } = this.#options.limits
    if (protocol.length <= streamNameLength && /^[!-~]+$/.test(protocol)) return
    throw new PeerError(
      'stream/invalid-protocol',
      `A protocol is 1 to ${streamNameLength} printable ASCII characters without spaces.`,
    )
  }

  #requireOpen(): void {
    if (this.#closed !== undefined) throw new PeerError('peer/stopped', 'The peer takes and opens no more streams.')
  }

  async #close(): Promise<void> {
    const { tasks, onClose } = this.#options
    // At once: another room may follow.
    const closed = onClose()
    this.#handlers.clear()
    for (const carrier of this.#greetings.keys()) carrier.abort()
    for (const stream of this.#streams.values()) stream.fail('stream/stopped')
    // What was said last is on its way.
    const isClosing = (): boolean => tasks.list().some(({ name }) => name.endsWith('/close carrier'))
    const deadline = Date.now() + farewellMs
    while (isClosing() && Date.now() < deadline) if (!(await tasks.sleep('farewell', 10))) break
    await closed.catch(() => {})
    await tasks.stop()
    this.#ended.clear()
  }
}

function keyOf(remotePeer: PeerId, id: string, isOpener: boolean): string {
  return `${isOpener ? 'to' : 'from'} ${remotePeer} ${id}`
}
