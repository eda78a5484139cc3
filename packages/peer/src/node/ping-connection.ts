import type { Connection, Stream } from '@libp2p/interface'

const protocol = '/ipfs/ping/1.0.0'
const payloadLength = 32

/**
 * Measures one round trip on one connection, limited or not, by libp2p's ping protocol.
 *
 * @returns milliseconds
 * @throws when the line is dead, or the signal aborts
 */
export async function pingConnection(connection: Connection, signal: AbortSignal): Promise<number> {
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
