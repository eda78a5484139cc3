import * as dagCbor from '@ipld/dag-cbor'

import { type Result, accept, refuse } from './result.ts'

/** Writes a value as DAG-CBOR: maps sorted, shortest integers, definite lengths (https://ipld.io/specs/codecs/dag-cbor/spec/). */
export function encodeCanonical(value: unknown): Uint8Array {
  return dagCbor.encode(value)
}

/**
 * Reads DAG-CBOR from a stranger. The size is checked before anything is parsed, and what was read must encode to the very
 * bytes that arrived: so one value has one encoding, and a hash names one value. [R2]
 *
 * @param maxBytes - how long `bytes` may be
 */
export function decodeCanonical(
  bytes: Uint8Array,
  maxBytes: number,
): Result<unknown, 'cbor/too-large' | 'cbor/malformed' | 'cbor/not-canonical'> {
  if (bytes.length > maxBytes) return refuse('cbor/too-large', `${bytes.length} of at most ${maxBytes} bytes`)
  let value: unknown
  try {
    value = dagCbor.decode(bytes)
    const again = dagCbor.encode(value)
    if (again.length !== bytes.length || again.some((byte, index) => byte !== bytes[index])) {
      return refuse('cbor/not-canonical')
    }
  } catch (cause) {
    // Deep nesting ends as a RangeError of the stack; it is the sender's doing like any other bad byte.
    return refuse('cbor/malformed', cause instanceof Error ? cause.message : undefined)
  }
  return accept(value)
}
