/** The part that is used of the decoder which every browser and Node have. */
interface Decoder {
  decode(bytes: Uint8Array): string
}
declare const TextDecoder: new (label?: string, options?: { fatal?: boolean }) => Decoder

/** The text of a file, or, where its encoding is not known, a Latin-1 reading of it and the place of the encoding's name. */
export type DecodedSgf =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly text: string; readonly at: number }

/** How far the name of the encoding may stand from the beginning. */
const HEAD_BYTES = 4096

/**
 * Decodes the bytes of an SGF file: by its byte order mark, else by its `CA` property, else as UTF-8, and where it is not that as
 * Latin-1, the default of FF[4].
 */
export function decodeSgfBytes(bytes: Uint8Array): DecodedSgf {
  const mark = markedEncoding(bytes)
  if (mark) return { ok: true, text: new TextDecoder(mark).decode(bytes) }
  // Latin-1 reads any bytes, one character each.
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, HEAD_BYTES))
  const named = /(?:^|[^A-Z])CA\s*\[\s*([^\]\\]*?)\s*\]/.exec(head)
  if (!named?.[1]) return { ok: true, text: decodeUtf8(bytes) ?? new TextDecoder('latin1').decode(bytes) }
  try {
    return { ok: true, text: new TextDecoder(named[1]).decode(bytes) }
  } catch {
    return { ok: false, text: head, at: head.indexOf('[', named.index) + 1 }
  }
}

function markedEncoding(bytes: Uint8Array): string | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8'
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : null
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}
