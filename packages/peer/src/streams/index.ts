/**
 * Streams of bytes between two peers, which outlive the lines that carry them: a relay that dies, a line that becomes direct or ceases to be.
 *
 * ```ts
 * import { openStreams } from '@tsugi/peer/streams'
 *
 * const streams = openStreams(peer)
 * streams.handle('echo', ({ readable, writable }) => readable.pipeTo(writable))
 * const stream = await streams.open(friend, 'echo')
 * ```
 *
 * @packageDocumentation
 */
export { openStreams } from './open-streams.ts'
export type {
  PeerStream,
  PeerStreamEvents,
  StreamEnd,
  StreamRoute,
  StreamState,
  Streams,
  StreamsStats,
} from './peer-stream.ts'
export { STREAM_CODES, type StreamCode } from './stream-codes.ts'
