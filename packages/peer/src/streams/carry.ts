import type { Connection, Stream } from '@libp2p/interface'
import type { TaskGroup } from '@tsugi/bounded'
import { type AppId, type StreamFrame, fromHex, streamsProtocol } from '@tsugi/protocol'

import { type BackoffOptions, backoffMs } from '../relays/backoff.ts'
import type { CarrierWays } from './carrier-ways.ts'
import { Carrier } from './carrier.ts'
import type { LastingStream } from './lasting-stream.ts'

/** What {@link carryStream} needs. */
export interface CarryOptions {
  readonly app: AppId
  readonly stream: LastingStream
  readonly ways: CarrierWays
  /** Of all streams: carriers close after their stream has ended. */
  readonly tasks: TaskGroup
  readonly frameBytes: number
  readonly greetingMs: number
  readonly mostStreams: number
  readonly retry: BackoffOptions
  /** A carrier was attached. */
  readonly onCarried: () => void
  /** No carrier can be opened, for the time being, or as `code` says. */
  readonly onRefused: (code: string) => void
}

/** How soon a carrier is tried again, in real use. */
export const carryRetry: BackoffOptions = { firstMs: 250, maxMs: 5_000 }
/** A carrier that ends sooner was no good. */
const goodMs = 2_000

/**
 * The opener's part: sees to it that a stream has a carrier, on the best connection that there is, until it is over or the signal aborts. The
 * carrier is opened before the one that it replaces is let go.
 */
export async function carryStream(options: CarryOptions, signal: AbortSignal): Promise<void> {
  const { stream, ways } = options
  const { remotePeer } = stream
  let carriers = 0
  let attempt = 0
  let hasPaused = false
  let carriedAt = 0
  const pause = async (): Promise<void> => {
    await untilNews(options, signal, backoffMs(attempt, options.retry))
    hasPaused = true
  }
  while (!stream.isOver && !signal.aborted) {
    const connection = ways.best(remotePeer)
    const { carrier } = stream
    if (carrier !== undefined && (carrier.isDirect || connection?.direct !== true)) {
      await untilNews(options, signal)
      if (stream.carrier !== carrier && performance.now() - carriedAt > goodMs) attempt = 0
    } else if (connection === undefined) {
      ways.hurry(remotePeer, attempt)
      await pause()
      attempt += 1
      if (ways.best(remotePeer) !== undefined) attempt = 0
    } else if (attempt > 0 && !hasPaused) {
      await pause()
    } else {
      hasPaused = false
      attempt += 1
      if (await open(options, connection, carriers++, signal)) carriedAt = performance.now()
    }
  }
}

/** Tries one connection; answers whether it carries the stream now. */
async function open(
  { app, stream, tasks, ...options }: CarryOptions,
  connection: Connection,
  number: number,
  ended: AbortSignal,
): Promise<boolean> {
  const signal = AbortSignal.any([ended, AbortSignal.timeout(options.greetingMs)])
  let line: Stream
  try {
    line = await connection.newStream(streamsProtocol, {
      signal,
      runOnLimitedConnection: true,
      maxOutboundStreams: options.mostStreams * 2,
    })
  } catch (error) {
    if (error instanceof Error && error.name === 'UnsupportedProtocolError') options.onRefused('stream/unsupported')
    return false
  }
  const answered = Promise.withResolvers<boolean>()
  const carrier = new Carrier(line, {
    tasks,
    isDirect: connection.direct,
    maxFrameBytes: options.frameBytes,
    listener: {
      onFrame(frame) {
        const outcome = onAnswer(frame)
        if (outcome === 'stream/malformed') carrier.send({ type: 'end', code: outcome })
        if (outcome !== undefined) options.onRefused(outcome)
        answered.resolve(outcome === undefined)
      },
      onRoom() {},
      onMalformed: () => answered.resolve(false),
      onEnd: () => answered.resolve(false),
    },
  })
  const onAnswer = (frame: StreamFrame): string | undefined => {
    if (frame.type === 'welcome') return stream.attach(carrier, frame.offsets, true) ? undefined : 'stream/malformed'
    return frame.type === 'end' ? frame.code : 'stream/malformed'
  }
  // From here on only the new carrier counts: the other end may switch at any moment.
  const before = stream.detach()
  const { id, protocol, wasCarried } = stream
  carrier.send({
    type: 'hello',
    hello: { id: fromHex(id), app, protocol, carrier: number, resumes: wasCarried, ...stream.offsets() },
  })
  const giveUp = (): void => answered.resolve(false)
  signal.addEventListener('abort', giveUp)
  if (signal.aborted) giveUp()
  const isCarried = await answered.promise
  signal.removeEventListener('abort', giveUp)
  before?.abort()
  if (isCarried) options.onCarried()
  else {
    void carrier.close()
    if (stream.carrier === undefined) stream.wait()
  }
  return isCarried
}

/** Waits until a connection has come or gone; for so long, else until nothing carries the stream. */
async function untilNews({ stream, ways, tasks }: CarryOptions, signal: AbortSignal, delayMs?: number): Promise<void> {
  const over = new AbortController()
  const end = (): void => over.abort()
  signal.addEventListener('abort', end)
  if (signal.aborted) end()
  const aborted = Promise.withResolvers<void>()
  over.signal.addEventListener('abort', () => aborted.resolve())
  if (over.signal.aborted) aborted.resolve()
  const other = delayMs === undefined ? stream.untilGone() : tasks.sleep('try again', delayMs, over.signal)
  await Promise.race([ways.news(stream.remotePeer), other, aborted.promise])
  signal.removeEventListener('abort', end)
  over.abort()
}
