import type { Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'

import type { MessageCodec } from './circuit-messages.ts'

/** Circuit Relay v2 allows no larger message. */
const maxMessageBytes = 4_096
/** What an eager far end may send behind its message before the circuit stands: one window of a muxer. */
const maxEarlyBytes = 256 * 1_024 + maxMessageBytes

/** Length-prefixed messages on a stream, until it turns into a circuit. */
export interface MessageStream<T> {
  /** @throws when the stream ends, the signal aborts, or the bytes are no message of at most 4 KiB */
  read(signal: AbortSignal): Promise<T>
  write(message: T, signal: AbortSignal): Promise<void>
  /** The stream itself again, with what was sent behind the last message still to be read. */
  unwrap(): Stream
}

/** Reads and writes messages on a stream. */
export function createMessageStream<T>(stream: Stream, codec: MessageCodec<T>): MessageStream<T> {
  const framed = lpStream(stream, { maxDataLength: maxMessageBytes, maxBufferSize: maxEarlyBytes })
  return {
    async read(signal) {
      const bytes = await framed.read({ signal })
      return codec.decode(bytes.subarray())
    },
    write: (message, signal) => framed.write(codec.encode(message), { signal }),
    unwrap: () => framed.unwrap(),
  }
}
