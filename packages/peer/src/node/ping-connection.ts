import type { Connection, Stream } from '@libp2p/interface'

const protocol = '/ipfs/ping/1.0.0'
const payloadLength = 32

/** Yamux pings by one frame each way, where libp2p's protocol opens a stream; the connection's type hides both. */
interface PingingConnection {
  readonly muxer?: { ping?(): Promise<number> }
}

/**
 * Measures one round trip on one connection, limited or not: by its muxer where that can, else by libp2p's ping protocol.
 *
 * @returns milliseconds
 * @throws when the line is dead, or the signal aborts
 */
export async function pingConnection(connection: Connection, signal: AbortSignal): Promise<number> {
  const { muxer } = connection as PingingConnection
  if (typeof muxer?.ping !== 'function') return pingByStream(connection, signal)
  const startedAt = performance.now()
  // It is told of no signal: an answer to a ping that was given up would be a breach of protocol to it. The next ping waits for the same answer.
  await untilAborted(muxer.ping(), signal)
  return performance.now() - startedAt
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/** The same by a stream. */
export async function pingByStream(connection: Connection, signal: AbortSignal): Promise<number> {
  const stream = await connection.newStream(protocol, { signal, runOnLimitedConnection: true })
  const startedAt = performance.now()
  try {
    await echo(stream, signal)
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error('The ping failed.', { cause: error }))
    throw error
  }
  const elapsed = performance.now() - startedAt
  // How the stream closes is no part of the measurement, and a failure there is seen by the next ping.
  stream.close({ signal }).catch((error: Error) => stream.abort(error))
  return elapsed
}

function echo(stream: Stream, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let received = 0
    const finish = (error?: unknown): void => {
      stream.removeEventListener('message', onMessage)
      stream.removeEventListener('close', onClose)
      signal.removeEventListener('abort', onAbort)
      if (error === undefined) resolve()
      else reject(error instanceof Error ? error : new Error('The ping failed.', { cause: error }))
    }
    const onMessage = (event: { data: { byteLength: number } }): void => {
      received += event.data.byteLength
      if (received >= payloadLength) finish()
    }
    const onClose = (): void => finish(new Error('The line closed during the ping.'))
    const onAbort = (): void => finish(signal.reason ?? new Error('The ping took too long.'))
    stream.addEventListener('message', onMessage)
    stream.addEventListener('close', onClose)
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
    else stream.send(crypto.getRandomValues(new Uint8Array(payloadLength)))
  })
}
