import type { Connection, Stream } from '@libp2p/interface'
import { TaskGroup } from '@tsugi/bounded'
import { type AppId, type Limits, type PeerId, resolveLimits } from '@tsugi/protocol'
import { onTestFinished } from 'vitest'

import { CarrierWays } from '../src/streams/carrier-ways.ts'
import type { CarrierStream } from '../src/streams/carrier.ts'
import { StreamRoom } from '../src/streams/stream-room.ts'

/** How much waits at a line before its sender is told to. */
const highWaterBytes = 48 * 1_024

/** One end of a libp2p stream that a test can cut after any byte. */
export class FakeLine extends EventTarget implements CarrierStream {
  status: Stream['status'] = 'open'
  readableEnded = false
  writableNeedsDrain = false
  other!: FakeLine
  /** Bytes that are still delivered; then both ends are gone. */
  passes = Number.POSITIVE_INFINITY
  /** While set, nothing is delivered. */
  isFrozen = false
  /** How much has come of the other end's, in all. */
  deliveredBytes = 0
  #queue: Uint8Array[] = []
  #isDelivering = false
  #isClosed = false

  send(bytes: Uint8Array): boolean {
    if (this.status !== 'open' || this.#isClosed) throw new Error('closed')
    this.#queue.push(bytes.slice())
    this.writableNeedsDrain = this.queuedBytes > highWaterBytes
    this.#deliver()
    return !this.writableNeedsDrain
  }

  close(): Promise<void> {
    this.#isClosed = true
    this.#deliver()
    return Promise.resolve()
  }

  abort(): void {
    if (this.status !== 'open') return
    this.#end()
    this.other.#end()
  }

  thaw(): void {
    this.isFrozen = false
    this.#deliver()
  }

  /** How much has been sent and not delivered. */
  get queuedBytes(): number {
    return this.#queue.reduce((sum, { length }) => sum + length, 0)
  }

  #deliver(): void {
    if (this.#isDelivering) return
    this.#isDelivering = true
    setImmediate(() => {
      this.#isDelivering = false
      while (!this.isFrozen && this.status === 'open') {
        const bytes = this.#queue.shift()
        if (bytes === undefined) break
        const passed = bytes.subarray(0, this.passes)
        this.passes -= passed.length
        this.other.deliveredBytes += passed.length
        if (passed.length > 0) this.other.#message(passed)
        if (passed.length < bytes.length) return this.abort()
      }
      if (this.isFrozen || this.status !== 'open') return
      if (this.writableNeedsDrain && this.#queue.length === 0) {
        this.writableNeedsDrain = false
        this.dispatchEvent(new Event('drain'))
      }
      if (this.#isClosed && this.#queue.length === 0) this.other.#ended()
    })
  }

  #message(data: Uint8Array): void {
    if (this.status === 'open') this.dispatchEvent(Object.assign(new Event('message'), { data }))
  }

  #ended(): void {
    if (this.readableEnded || this.status !== 'open') return
    this.readableEnded = true
    this.dispatchEvent(new Event('end'))
    if (!this.#isClosed || !this.other.readableEnded) return
    this.#end()
    this.other.#end()
  }

  #end(): void {
    if (this.status !== 'open') return
    this.status = 'closed'
    this.#queue = []
    this.dispatchEvent(new Event('close'))
  }
}

/** Both ends of one. */
export function linePair(): [FakeLine, FakeLine] {
  const pair: [FakeLine, FakeLine] = [new FakeLine(), new FakeLine()]
  ;[pair[0].other, pair[1].other] = [pair[1], pair[0]]
  return pair
}

/** A connection between the two, as the opener sees it. */
interface FakeConnection {
  direct: boolean
  isOpen: boolean
  readonly lines: FakeLine[]
}

/** Who the two are; the first one opens lines by rule. */
export const alice = 'alice' as PeerId
export const bob = 'bob' as PeerId

/** Two rooms of streams, and lines between them that a test makes, cuts and freezes. */
export class FakeLines {
  readonly limits: Limits
  readonly tasks: Readonly<Record<'alice' | 'bob', TaskGroup>>
  readonly alice: StreamRoom
  bob: StreamRoom
  /** Called with both ends of each new carrier: opener's, acceptor's. */
  onCarrier: (opener: FakeLine, acceptor: FakeLine) => void = () => {}
  readonly #connections: FakeConnection[] = []
  readonly #ways: CarrierWays[] = []

  constructor(limits: Partial<Limits> = {}) {
    this.limits = resolveLimits(limits)
    this.tasks = { alice: new TaskGroup({ name: 'alice' }), bob: new TaskGroup({ name: 'bob' }) }
    this.alice = this.room(alice, bob)
    this.bob = this.room(bob, alice)
    onTestFinished(async () => {
      await Promise.all([this.alice.close(), this.bob.close()])
      await Promise.all([this.tasks.alice.stop(), this.tasks.bob.stop()])
    })
  }

  /** Makes a line, the better one if it is direct; answers how to cut it. */
  connect({ direct = true }: { readonly direct?: boolean } = {}): () => void {
    const connection: FakeConnection = { direct, isOpen: true, lines: [] }
    this.#connections.push(connection)
    this.#wake()
    return () => {
      connection.isOpen = false
      for (const line of connection.lines) line.abort()
      this.#wake()
    }
  }

  /** A room of its own for somebody; Bob's takes what Alice opens, and the other way round. */
  room(self: PeerId, other: PeerId, app = 'test'): StreamRoom {
    const ways = new CarrierWays({
      connections: () => this.#connections.map(each => this.#seenBy(self, other, each)),
      held: new Set(),
      hurry: () => {},
      isTheirs: () => false,
    })
    this.#ways.push(ways)
    return new StreamRoom({
      self,
      app: app as AppId,
      limits: this.limits,
      tasks: this.tasks[self as 'alice' | 'bob'].child('streams'),
      ways,
      parsePeer: text => text as PeerId,
      retry: { firstMs: 1, maxMs: 5 },
      onClose: () => Promise.resolve(),
    })
  }

  #seenBy(self: PeerId, other: PeerId, connection: FakeConnection): Connection {
    const newStream = (): Promise<FakeLine> => {
      if (!connection.isOpen) return Promise.reject(new Error('The connection is closed.'))
      const [opener, acceptor] = linePair()
      connection.lines.push(opener)
      this.onCarrier(opener, acceptor)
      const there = other === alice ? this.alice : this.bob
      there.greet(acceptor, { remotePeer: self as never, direct: connection.direct })
      return Promise.resolve(opener)
    }
    return {
      direct: connection.direct,
      status: connection.isOpen ? 'open' : 'closed',
      newStream,
    } as unknown as Connection
  }

  #wake(): void {
    for (const ways of this.#ways) ways.wakeAll()
  }
}

/** Reads a stream to its end, as one piece. */
export async function readAll(readable: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of readable) parts.push(part)
  return Buffer.concat(parts)
}

/** Writes and closes. */
export async function writeAll(writable: WritableStream<Uint8Array>, parts: Iterable<Uint8Array>): Promise<void> {
  const writer = writable.getWriter()
  for (const part of parts) await writer.write(part)
  await writer.close()
}

/** Bytes that are another at each place, for as long as matters. */
export function someBytes(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  let state = seed
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[at] = state >>> 24
  }
  return bytes
}
