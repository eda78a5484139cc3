/** Writes a number as an unsigned varint. */
export function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  bytes.push(rest)
  return Uint8Array.from(bytes)
}

/** Reads a varint; `undefined` when it is not all there. */
export function readVarint(bytes: Uint8Array, at = 0): { readonly value: number; readonly end: number } | undefined {
  let value = 0
  for (let index = at, factor = 1; index < bytes.length && index < at + 9; index += 1, factor *= 0x80) {
    const byte = bytes[index] ?? 0
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return { value, end: index + 1 }
  }
  return undefined
}

/** One field of a protobuf message: a number is written as varint, all else with its length. */
export type Field = readonly [number: number, value: number | string | Uint8Array]

/** Writes a protobuf message; a field may come several times. */
export function writeFields(fields: readonly Field[]): Uint8Array {
  const parts = fields.flatMap(([number, value]) => {
    if (typeof value === 'number') return [varint(number * 8), varint(value)]
    const bytes = typeof value === 'string' ? Buffer.from(value) : value
    return [varint(number * 8 + 2), varint(bytes.length), bytes]
  })
  return Buffer.concat(parts)
}

/** Reads a protobuf message of varints and byte strings; a field's values stand in the order in which they came. */
export function readFields(bytes: Uint8Array): Map<number, Array<number | Uint8Array>> {
  const fields = new Map<number, Array<number | Uint8Array>>()
  for (let at = 0; at < bytes.length;) {
    const key = readVarint(bytes, at)
    const first = key && readVarint(bytes, key.end)
    if (key === undefined || first === undefined) throw new Error('a protobuf message is cut off')
    const number = Math.floor(key.value / 8)
    const hasLength = key.value % 8 === 2
    at = hasLength ? first.end + first.value : first.end
    const values = fields.get(number) ?? []
    values.push(hasLength ? bytes.subarray(first.end, at) : first.value)
    fields.set(number, values)
  }
  return fields
}

/** A message with its length before it. */
export function withLength(message: Uint8Array): Uint8Array {
  return Buffer.concat([varint(message.length), message])
}
