import type { Connection, Stream, StreamHandler } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { ExpiringBook, TokenBucket } from '@tsugi/bounded'
import {
  type Limits,
  type Result,
  type WellKnown,
  accept,
  parseWellKnown,
  refuse,
  relaysProtocol,
} from '@tsugi/protocol'

import type { Refusals } from '../refusals.ts'

const exchangeTimeoutMs = 5_000
/** Somebody who was refused a slot asks once; fellow relays ask every half minute. */
const asksPerSecond = 0.5
const asksAtOnce = 8
/** Askers whose rate is remembered. */
const maxRememberedAskers = 10_000
const askerMemoryMs = 60_000

/** What {@link createRelaysProtocol} needs. */
export interface RelaysProtocolOptions {
  readonly limits: Pick<Limits, 'wellKnownBytes'>
  readonly refusals: Refusals
  /** Our own description, for this reader. */
  readonly describe: (reader: string) => WellKnown
  /** A relay told us what it is, unasked. */
  readonly onDescribed: (connection: Connection, described: WellKnown) => void
  readonly now?: () => number
}

/** `/tsugi/relays/1.0.0`: descriptions of relays, from connection to connection. */
export interface RelaysProtocol {
  /** Answers whoever opens a stream. */
  readonly handler: StreamHandler
  /** Tells a relay what we are and hears what it is. Never rejects. */
  exchange(connection: Connection, signal: AbortSignal): Promise<Result<WellKnown>>
  /**
   * Tells a peer what has become of us. `moved` resolves when it has done something about it: it keeps the stream open as long as
   * it wants us to stay. `undefined` when it understands nothing of this. Never rejects.
   */
  tell(connection: Connection, signal: AbortSignal): Promise<{ readonly moved: Promise<void> } | undefined>
}

/** Both sides of the protocol. Whoever opens a stream sends its description, or nothing when it is no relay; a relay answers with its own. [W5] */
export function createRelaysProtocol(options: RelaysProtocolOptions): RelaysProtocol {
  const askers = new ExpiringBook<string, TokenBucket>({
    capacity: maxRememberedAskers,
    ttlMs: askerMemoryMs,
    ...(options.now !== undefined && { now: options.now }),
  })
  const mayAsk = (peer: string): boolean => {
    const bucket = askers.get(peer) ?? new TokenBucket({ capacity: asksAtOnce, refillPerSecond: asksPerSecond })
    askers.set(peer, bucket)
    return bucket.tryTake()
  }
  const framed = (stream: Stream): ReturnType<typeof lpStream> =>
    lpStream(stream, {
      maxDataLength: options.limits.wellKnownBytes,
      maxBufferSize: options.limits.wellKnownBytes * 2,
    })
  const own = (reader: string): Uint8Array => new TextEncoder().encode(JSON.stringify(options.describe(reader)))
  const answer = async (stream: Stream, connection: Connection): Promise<void> => {
    const peer = connection.remotePeer.toString()
    if (!mayAsk(peer)) {
      options.refusals.add('relays/rate', peer)
      stream.abort(new Error('You ask too often.'))
      return
    }
    const signal = AbortSignal.timeout(exchangeTimeoutMs)
    try {
      const messages = framed(stream)
      const asked = (await messages.read({ signal })).subarray()
      if (asked.byteLength > 0) {
        const described = parse(asked, peer)
        if (described.ok) options.onDescribed(connection, described.value)
        else options.refusals.add('relays/malformed', peer)
      }
      await messages.write(own(peer), { signal })
      await stream.close({ signal })
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error('The exchange failed.', { cause: error }))
    }
  }
  return {
    handler: (stream, connection) => void answer(stream, connection),
    async exchange(connection, signal) {
      const peer = connection.remotePeer.toString()
      const both = AbortSignal.any([signal, AbortSignal.timeout(exchangeTimeoutMs)])
      let stream: Stream | undefined
      try {
        stream = await connection.newStream(relaysProtocol, { signal: both })
        const messages = framed(stream)
        await messages.write(own(peer), { signal: both })
        const answered = parse((await messages.read({ signal: both })).subarray(), peer)
        await stream.close({ signal: both })
        return answered
      } catch (error) {
        stream?.abort(error instanceof Error ? error : new Error('The exchange failed.', { cause: error }))
        return refuse('relays/unreachable', error instanceof Error ? error.message : undefined)
      }
    },
    async tell(connection, signal) {
      try {
        const stream = await connection.newStream(relaysProtocol, { signal })
        const messages = framed(stream)
        await messages.write(own(connection.remotePeer.toString()), { signal })
        // It answers nothing: its end of the stream closes when it has moved.
        const ended = messages.read({ signal }).then(
          () => undefined,
          () => undefined,
        )
        return { moved: ended.then(() => stream.abort(new Error('told'))) }
      } catch {
        return undefined
      }
    },
  }
}

function parse(bytes: Uint8Array, peer: string): Result<WellKnown> {
  const described = parseWellKnown(new TextDecoder().decode(bytes))
  if (!described.ok) return described
  return described.value.peerId === peer ? accept(described.value) : refuse('relays/other-peer')
}
