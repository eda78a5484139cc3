import * as v from 'valibot'

import { bytesOf } from './byte-string.ts'
import { encodeCanonical } from './cbor.ts'
import { decodeBySchema } from './decode-by-schema.ts'
import { type Result, accept, refuse } from './result.ts'

/** The protocol of a carrier: a libp2p stream that carries one lasting stream, for as long as it stands. [Y1] */
export const streamsProtocol = '/tsugi/streams/1.0.0'

/** The bytes of a lasting stream's id. [Y3] */
export const streamIdBytes = 16

/** The longest code that `end` carries. [Y7] */
const maxCodeLength = 64

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const printable = (max: number) => v.pipe(v.string(), v.maxLength(max), v.regex(/^[!-~]+$/))

const offsets = { received: whole, consumed: whole, window: whole }
const welcomeSchema = v.strictObject(offsets)
const helloSchema = v.strictObject({
  id: bytesOf(streamIdBytes),
  app: printable(63),
  protocol: printable(256),
  carrier: whole,
  resumes: v.boolean(),
  ...offsets,
})

/** How far one end has come: bytes received, bytes that its application has read, and how many beyond these it takes. The end of the stream counts as one byte. [Y4] */
export type StreamOffsets = v.InferOutput<typeof welcomeSchema>

/** What the opener says first on a carrier. [Y3] */
export type StreamHello = v.InferOutput<typeof helloSchema>

/** What travels on a carrier. [Y2] */
export type StreamFrame =
  | { readonly type: 'hello'; readonly hello: StreamHello }
  | { readonly type: 'welcome'; readonly offsets: StreamOffsets }
  | { readonly type: 'data'; readonly bytes: Uint8Array }
  | { readonly type: 'ack'; readonly consumed: number }
  | { readonly type: 'fin' }
  | { readonly type: 'end'; readonly code: string }

/** Why bytes are no frame. */
export type StreamFrameCode = 'stream-frame/too-large' | 'stream-frame/malformed'

const kinds = { hello: 1, welcome: 2, data: 3, ack: 4, fin: 5, end: 6 } as const satisfies Record<
  StreamFrame['type'],
  number
>

const headerBytes = 4
/** What a frame that is not `data` may have; the longest is a `hello`. */
const maxControlBytes = 1_024

/** Writes a frame: its kind in one byte, the length of its body in three, big-endian, and the body. [Y2] */
export function encodeStreamFrame(frame: StreamFrame): Uint8Array {
  const body = bodyOf(frame)
  const bytes = new Uint8Array(headerBytes + body.length)
  new DataView(bytes.buffer).setUint32(0, kinds[frame.type] * 2 ** 24 + body.length)
  bytes.set(body, headerBytes)
  return bytes
}

/** Whether `end` may carry this code. [Y7] */
export function isStreamCode(code: string): boolean {
  return v.is(printable(maxCodeLength), code)
}

/** Reads frames from bytes as they come, cut anywhere. The size is checked as soon as it is known, before the body has come. */
export class StreamFrameReader {
  readonly #maxDataBytes: number
  #parts: Uint8Array[] = []
  #heldBytes = 0

  /** @param maxDataBytes - the longest body of a `data` frame */
  constructor(maxDataBytes: number) {
    this.#maxDataBytes = maxDataBytes
  }

  /** How much of an incomplete frame is held. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /**
   * Takes what has come, and calls back with each frame that is complete; the bytes of a `data` frame are a view, valid during the call.
   * After a refusal nothing more can be read.
   *
   * @param onFrame - answers whether to go on; what follows is dropped otherwise
   */
  read(bytes: Uint8Array, onFrame: (frame: StreamFrame) => boolean): Result<null, StreamFrameCode> {
    this.#parts.push(bytes)
    this.#heldBytes += bytes.length
    while (this.#heldBytes >= headerBytes) {
      const header = this.#join(headerBytes)
      const kind = header[0] ?? 0
      const length = (header[1] ?? 0) * 65_536 + (header[2] ?? 0) * 256 + (header[3] ?? 0)
      if (length > (kind === kinds.data ? this.#maxDataBytes : maxControlBytes)) return refuse('stream-frame/too-large')
      if (this.#heldBytes < headerBytes + length) break
      const all = this.#join(headerBytes + length)
      const frame = decodeBody(kind, all.subarray(headerBytes, headerBytes + length))
      if (!frame.ok) return frame
      if (all.length === headerBytes + length) this.#parts.shift()
      else this.#parts[0] = all.subarray(headerBytes + length)
      this.#heldBytes -= headerBytes + length
      if (!onFrame(frame.value)) break
    }
    return accept(null)
  }

  /** The first part, with at least so many bytes; parts are copied together only when a frame needs them. */
  #join(length: number): Uint8Array {
    const [first = new Uint8Array()] = this.#parts
    if (first.length >= length) return first
    const joined = new Uint8Array(this.#heldBytes)
    let at = 0
    for (const part of this.#parts) {
      joined.set(part, at)
      at += part.length
    }
    this.#parts = [joined]
    return joined
  }
}

function bodyOf(frame: StreamFrame): Uint8Array {
  switch (frame.type) {
    case 'hello':
      return encodeCanonical(frame.hello)
    case 'welcome':
      return encodeCanonical(frame.offsets)
    case 'data':
      return frame.bytes
    case 'ack': {
      const body = new Uint8Array(8)
      new DataView(body.buffer).setBigUint64(0, BigInt(frame.consumed))
      return body
    }
    case 'fin':
      return new Uint8Array()
    case 'end':
      return Uint8Array.from(frame.code, letter => letter.charCodeAt(0))
  }
}

function decodeBody(kind: number, body: Uint8Array): Result<StreamFrame, 'stream-frame/malformed'> {
  const malformed = refuse('stream-frame/malformed', `a frame of kind ${kind} with ${body.length} bytes`)
  switch (kind) {
    case kinds.hello: {
      const hello = decodeBySchema(helloSchema, body, maxControlBytes)
      return hello.ok ? accept({ type: 'hello', hello: hello.value }) : malformed
    }
    case kinds.welcome: {
      const welcome = decodeBySchema(welcomeSchema, body, maxControlBytes)
      return welcome.ok ? accept({ type: 'welcome', offsets: welcome.value }) : malformed
    }
    case kinds.data:
      return body.length === 0 ? malformed : accept({ type: 'data', bytes: body })
    case kinds.ack: {
      if (body.length !== 8) return malformed
      const consumed = Number(new DataView(body.buffer, body.byteOffset).getBigUint64(0))
      return Number.isSafeInteger(consumed) ? accept({ type: 'ack', consumed }) : malformed
    }
    case kinds.fin:
      return body.length === 0 ? accept({ type: 'fin' }) : malformed
    case kinds.end: {
      const code = String.fromCharCode(...body)
      return isStreamCode(code) ? accept({ type: 'end', code }) : malformed
    }
    default:
      return malformed
  }
}
