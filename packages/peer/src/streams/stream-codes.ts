/** Why a lasting stream could not be opened, or has ended before its time: the codes that travel, and their meaning for somebody who reads a log. */
export const STREAM_CODES = {
  'stream/ended': 'everything that it carried has arrived',
  'stream/no-handler': 'nobody there takes streams of this protocol',
  'stream/unsupported': 'it speaks no lasting streams',
  'stream/other-app': 'the other peer belongs to another application',
  'stream/too-many': 'as many streams are open there as are allowed',
  'stream/lost': 'the other end knows nothing of this stream: it was started anew, or has given up',
  'stream/stale': 'a carrier that a newer one has replaced already',
  'stream/malformed': 'bytes, or offsets, that no honest end sends',
  'stream/aborted': 'the application ended it',
  'stream/failed': 'the application’s handler failed',
  'stream/stopped': 'the peer stopped',
  'stream/no-way': 'nothing could carry it for too long',
} as const

/** A code of {@link STREAM_CODES}. */
export type StreamCode = keyof typeof STREAM_CODES

/** The code to count for one that came from elsewhere: those of the table, so that nobody makes the counters grow. */
export function countedCode(code: string): StreamCode {
  return Object.hasOwn(STREAM_CODES, code) ? (code as StreamCode) : 'stream/aborted'
}
