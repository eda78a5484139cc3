/** Bytes before each frame's body. */
export const headerBytes = 12
/** The first window of each stream in each direction; only ever moved on, never widened. */
export const windowBytes = 256 * 1_024

/** hashicorp/yamux, spec.md: the kinds of frames. */
export const frameType = { data: 0, windowUpdate: 1, ping: 2, goAway: 3 } as const
/** Their flags. */
export const frameFlag = { syn: 1, ack: 2, fin: 4, rst: 8 } as const
/** Why a session ends. */
export const goAwayCode = { normal: 0, protocolError: 1, internalError: 2 } as const

/** What a remote party does for which its session ends: it breaks the rules of yamux; it asks and does not read the answers. */
export type YamuxFault = 'yamux/protocol' | 'yamux/unread'

/** The remote party did what no session outlives. */
export class YamuxProtocolError extends Error {
  override readonly name = 'YamuxProtocolError'
  readonly fault: YamuxFault

  constructor(message: string, fault: YamuxFault = 'yamux/protocol') {
    super(message)
    this.fault = fault
  }
}

/** Writes a frame's header at the start of `target`. */
export function writeHeader(target: Uint8Array, type: number, flags: number, streamId: number, length: number): void {
  target[0] = 0
  target[1] = type
  target[2] = flags >>> 8
  target[3] = flags
  target[4] = streamId >>> 24
  target[5] = streamId >>> 16
  target[6] = streamId >>> 8
  target[7] = streamId
  target[8] = length >>> 24
  target[9] = length >>> 16
  target[10] = length >>> 8
  target[11] = length
}

/** An unsigned number of four bytes, most significant first. */
export function readUint32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) * 0x1_00_00_00 + ((bytes[at + 1] ?? 0) << 16) + ((bytes[at + 2] ?? 0) << 8) + (bytes[at + 3] ?? 0)
  )
}
