/** The little of DER (ITU-T X.690) that a self-signed certificate is made of. */

const encoder = new TextEncoder()

function element(tag: number, ...parts: Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts)
  const { length } = content
  const header =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff]
  return Buffer.concat([Uint8Array.from(header), content])
}

/** @param parts - elements, in order; less than 64 KiB together */
export const sequence = (...parts: Uint8Array[]): Uint8Array => element(0x30, ...parts)
export const set = (...parts: Uint8Array[]): Uint8Array => element(0x31, ...parts)
export const octetString = (bytes: Uint8Array): Uint8Array => element(0x04, bytes)
export const utf8String = (text: string): Uint8Array => element(0x0c, encoder.encode(text))
export const yes = (): Uint8Array => element(0x01, Uint8Array.of(0xff))
/** `[number] EXPLICIT` */
export const tagged = (number: number, content: Uint8Array): Uint8Array => element(0xa0 | number, content)

/** @param unusedBits - of the last byte */
export const bitString = (bytes: Uint8Array, unusedBits = 0): Uint8Array =>
  element(0x03, Uint8Array.of(unusedBits), bytes)

/** @param bytes - big-endian and not negative; leading zeros are taken away */
export function integer(bytes: Uint8Array): Uint8Array {
  let from = 0
  while (from < bytes.length - 1 && bytes[from] === 0) from += 1
  const digits = bytes.subarray(from)
  return element(0x02, (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Uint8Array.of(0), digits]) : digits)
}

/** @param path - dotted, as in `1.2.840.10045.2.1` */
export function objectIdentifier(path: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = path.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const arc of rest) {
    const digits = [arc & 0x7f]
    for (let left = arc >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80)
    bytes.push(...digits)
  }
  return element(0x06, Uint8Array.from(bytes))
}

/** A time, in whole seconds: UTCTime until 2049, GeneralizedTime from then on (RFC 5280 section 4.1.2.5). */
export function time(ms: number): Uint8Array {
  const date = new Date(ms)
  const digits = date.toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return date.getUTCFullYear() < 2_050
    ? element(0x17, encoder.encode(digits.slice(2)))
    : element(0x18, encoder.encode(digits))
}
