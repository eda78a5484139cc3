import type { Connection, Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { type Result, type WellKnown, parseWellKnown, refuse, relaysProtocol } from '@tsugi/protocol'

const timeoutMs = 5_000

/** Why a relay told nothing: it does not speak of itself, as relays of another make; it did not answer; what it said is none. */
export type AskCode = 'relay/mute' | 'relay/unreachable' | 'well-known/too-large' | 'well-known/malformed'

/** Asks a relay for its description on the connection that stands: where a page may not read its document, and to know what has become of it. [W5] */
export async function askRelay(
  connection: Connection,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Result<WellKnown, AskCode>> {
  const both = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  try {
    const stream = await connection.newStream(relaysProtocol, { signal: both })
    await lpStream(stream).write(new Uint8Array(), { signal: both })
    const described = await readDescription(stream, maxBytes, both)
    await stream.close({ signal: both })
    return described
  } catch (error) {
    if (!(error instanceof Error)) return refuse('relay/unreachable')
    return refuse(error.name === 'UnsupportedProtocolError' ? 'relay/mute' : 'relay/unreachable', error.message)
  }
}

/** Reads one description from a stream. @throws when the stream ends before */
async function readDescription(stream: Stream, maxBytes: number, signal: AbortSignal): ReturnType<typeof askRelay> {
  const bytes = await lpStream(stream, { maxDataLength: maxBytes, maxBufferSize: maxBytes * 2 }).read({ signal })
  return parseWellKnown(new TextDecoder().decode(bytes.subarray()))
}

/**
 * A relay tells us what has become of it. The stream stays open until `onDescribed` has done what follows from that: a relay that
 * drains waits for it. [W5]
 */
export async function hearRelay(
  stream: Stream,
  maxBytes: number,
  signal: AbortSignal,
  onDescribed: (described: WellKnown) => Promise<void>,
): Promise<void> {
  try {
    const described = await readDescription(stream, maxBytes, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]))
    if (described.ok) await onDescribed(described.value)
    await stream.close({ signal })
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error('The description did not arrive.', { cause: error }))
  }
}
