import { base64url } from 'multiformats/bases/base64'

/** Writes bytes as base64url without padding (RFC 4648, section 5). */
export function toBase64url(bytes: Uint8Array): string {
  return base64url.baseEncode(bytes)
}

/** Reads base64url without padding; null unless it is the one spelling of its bytes. */
export function fromBase64url(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return null
  try {
    const bytes = base64url.baseDecode(text)
    return base64url.baseEncode(bytes) === text ? bytes : null
  } catch {
    return null
  }
}
