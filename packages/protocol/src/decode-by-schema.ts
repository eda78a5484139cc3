import * as v from 'valibot'

import { decodeCanonical } from './cbor.ts'
import { type Result, accept, refuse } from './result.ts'

/** Reads canonical bytes from a stranger as what a schema describes; the detail of a refusal names the place. Never throws. */
export function decodeBySchema<Schema extends v.GenericSchema>(
  schema: Schema,
  bytes: Uint8Array,
  maxBytes: number,
): Result<v.InferOutput<Schema>, 'message/malformed'> {
  const decoded = decodeCanonical(bytes, maxBytes)
  if (!decoded.ok) return refuse('message/malformed', decoded.code)
  const parsed = v.safeParse(schema, decoded.value)
  if (parsed.success) return accept(parsed.output)
  return refuse('message/malformed', v.getDotPath(parsed.issues[0]) ?? parsed.issues[0].message)
}
