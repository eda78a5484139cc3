import type { Connection, Stream } from '@libp2p/interface'
import { lpStream, tryGetNetConfig } from '@libp2p/utils'
import { ExpiringBook, type TaskGroup, TokenBucket } from '@tsugi/bounded'
import {
  type KeepingAnswer,
  type KeepingRequest,
  type Limits,
  batchesOf,
  decodeKeepingRequest,
  encodeCanonical,
  keptIdBytes,
} from '@tsugi/protocol'

import { addressKey } from '../addresses/address-prefix.ts'
import type { Refusals } from '../refusals.ts'
import type { Author, KeepRefusal, RecordStore } from './record-store.ts'

/** Why a request was not carried out, or not as a whole. */
export type RecordRefusal =
  | KeepRefusal
  /** Bytes that are no request. */
  | 'records/malformed'
  /** The topic's app is not served here, or is not the peer's. */
  | 'records/app'
  /** Only who is on a topic stores its records. */
  | 'records/not-on-topic'
  | 'records/rate'

/** What {@link RecordService} needs. */
export interface RecordServiceOptions {
  readonly limits: Pick<
    Limits,
    | 'gameMessageBytes'
    | 'peerBandwidthBurstMs'
    | 'peerBytesPerSecond'
    | 'peerStoreRequestBurst'
    | 'peerStoreRequestsPerSecond'
  >
  readonly store: Pick<RecordStore, 'put' | 'get' | 'lacking'>
  /** The relay's own, which circuits use too: 0 when it was spent, else how long to wait. */
  readonly bandwidth: { spendBeside(bytes: number): number }
  readonly refusals: Refusals
  readonly tasks: TaskGroup
  /** Whether a peer may use a topic of this app here. */
  readonly isServed: (peer: string, topic: string) => boolean
  readonly isOnTopic: (peer: string, topic: string) => boolean
}

/** A peer that comes back brings its games one after another on one stream each. */
export const maxRecordStreams = 16
/** Streams of all peers together; each holds one message, and an iterator of the database. */
const maxStreams = 128
/** A stream ends when its peer neither asks nor reads for so long. */
const idleMs = 15_000
/** How long a peer's rates are remembered: long enough for any bucket to have filled up again. */
const rateMemoryMs = 60_000
const maxRememberedPeers = 20_000

interface Rates {
  readonly requests: TokenBucket
  readonly bytes: TokenBucket
}

/** Answers `/tsugi/records/1.0.0`: requests on a stream, one after another, until the peer closes it. [Q3]–[Q7] */
export class RecordService {
  readonly #options: RecordServiceOptions
  readonly #rates: ExpiringBook<string, Rates>
  #streams = 0

  constructor(options: RecordServiceOptions) {
    this.#options = options
    this.#rates = new ExpiringBook({ capacity: maxRememberedPeers, ttlMs: rateMemoryMs })
  }

  /** Takes a stream; it ends with the peer, by itself when nothing happens on it, or with the relay. */
  accept(stream: Stream, connection: Connection): void {
    const peer = connection.remotePeer.toString()
    if (this.#streams >= maxStreams) {
      this.#options.refusals.add('records/busy', peer)
      stream.abort(new Error('records/busy'))
      return
    }
    this.#streams += 1
    const address = addressKey(tryGetNetConfig(connection.remoteAddr)?.host ?? connection.remoteAddr.toString())
    this.#options.tasks.run('records', signal =>
      this.#serve(stream, { peer, address }, signal).finally(() => {
        this.#streams -= 1
      }),
    )
  }

  async #serve(stream: Stream, author: Author, stopped: AbortSignal): Promise<void> {
    const { gameMessageBytes } = this.#options.limits
    const framed = lpStream(stream, { maxDataLength: gameMessageBytes, maxBufferSize: 2 * gameMessageBytes })
    const withinTime = (): AbortSignal => AbortSignal.any([stopped, AbortSignal.timeout(idleMs)])
    const answer: Answer = message => framed.write(encodeCanonical(message), { signal: withinTime() })
    try {
      for (;;) {
        const bytes = await framed.read({ signal: withinTime() }).catch(() => undefined)
        if (bytes === undefined) break
        await this.#spend(bytes.byteLength, withinTime)
        const request = decodeKeepingRequest(bytes.subarray())
        const refused = request.ok ? this.#check(request.value, author) : 'records/malformed'
        if (refused !== undefined) await this.#refuse(refused, author, answer)
        if (!request.ok) break
        if (refused === undefined) await this.#carryOut(request.value, author, answer, withinTime)
      }
      await stream.close({ signal: withinTime() })
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error('records/failed'))
    }
  }

  #check(request: KeepingRequest, author: Author): RecordRefusal | undefined {
    const { isServed, isOnTopic } = this.#options
    if (!this.#ratesOf(author.peer).requests.tryTake()) return 'records/rate'
    if (!isServed(author.peer, request.topic)) return 'records/app'
    if (request.t === 'put' && !isOnTopic(author.peer, request.topic)) return 'records/not-on-topic'
    return undefined
  }

  async #refuse(code: RecordRefusal, author: Author, answer: Answer): Promise<void> {
    this.#options.refusals.add(code, author.peer)
    await answer({ t: 'refused', code })
  }

  async #carryOut(request: KeepingRequest, author: Author, answer: Answer, withinTime: WithinTime): Promise<void> {
    const { store, refusals } = this.#options
    if (request.t === 'put') {
      const outcome = await store.put(request.topic, author, request.records)
      if (outcome.code !== undefined) refusals.add(outcome.code, author.peer)
      await answer({ t: 'stored', ...outcome })
      return
    }
    const ids: Uint8Array[] = []
    for (let at = 0; at < request.have.length; at += keptIdBytes) ids.push(request.have.subarray(at, at + keptIdBytes))
    const have = new Set(ids.map(id => Buffer.from(id).toString('hex')))
    let [waiting, waitingBytes]: [Uint8Array[], number] = [[], 0]
    const flush = async (): Promise<void> => {
      for (const records of batchesOf(waiting)) {
        await this.#pace(author, records, withinTime)
        await answer({ t: 'records', records })
      }
      ;[waiting, waitingBytes] = [[], 0]
    }
    for await (const sealed of store.get(request.topic, have)) {
      waiting.push(sealed)
      waitingBytes += sealed.length
      if (waitingBytes >= this.#options.limits.gameMessageBytes / 2) await flush()
    }
    await flush()
    const lacks = await store.lacking(request.topic, ids)
    await answer({ t: 'got', lacks: Buffer.concat(lacks) })
  }

  /** What a peer reads here counts against its bandwidth: it waits. */
  async #pace(author: Author, records: readonly Uint8Array[], withinTime: WithinTime): Promise<void> {
    const bucket = this.#ratesOf(author.peer).bytes
    const bytes = Math.min(
      bucket.capacity,
      records.reduce((sum, each) => sum + each.length, 0),
    )
    while (!bucket.tryTake(bytes)) {
      if (!(await this.#options.tasks.sleep('records', bucket.msUntil(bytes), withinTime())))
        throw new Error('records/rate')
    }
    await this.#spend(bytes, withinTime)
  }

  /** Waits for the relay's bandwidth; whoever sends is not read from meanwhile. */
  async #spend(bytes: number, withinTime: WithinTime): Promise<void> {
    const { bandwidth, tasks } = this.#options
    for (let waitMs = bandwidth.spendBeside(bytes); waitMs > 0; waitMs = bandwidth.spendBeside(bytes)) {
      if (!(await tasks.sleep('records', waitMs, withinTime()))) throw new Error('records/busy')
    }
  }

  #ratesOf(peer: string): Rates {
    const { peerStoreRequestBurst, peerStoreRequestsPerSecond, peerBytesPerSecond, peerBandwidthBurstMs } =
      this.#options.limits
    const rates = this.#rates.get(peer) ?? {
      requests: new TokenBucket({ capacity: peerStoreRequestBurst, refillPerSecond: peerStoreRequestsPerSecond }),
      bytes: new TokenBucket({
        capacity: (peerBytesPerSecond * peerBandwidthBurstMs) / 1_000,
        refillPerSecond: peerBytesPerSecond,
      }),
    }
    this.#rates.set(peer, rates)
    return rates
  }
}

type Answer = (message: KeepingAnswer) => Promise<void>
type WithinTime = () => AbortSignal
