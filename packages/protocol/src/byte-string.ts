import * as v from 'valibot'

/** Bytes, from whatever buffer. */
export const byteString = v.custom<Uint8Array>(value => value instanceof Uint8Array, 'not bytes')

/** Bytes of exactly one length. */
export function bytesOf(length: number) {
  return v.pipe(byteString, v.length(length))
}
