import { sha256 } from '@noble/hashes/sha2.js'

/**
 * A page that came over plain http from anywhere but localhost has no `crypto.subtle`. Of it, libp2p needs only SHA-256 digests
 * there: signatures and Noise fall back to pure JavaScript by themselves. Where it is missing, this puts one there that knows just
 * that; anything else asked of it fails as before.
 *
 * @returns whether it was missing
 */
export function installDigest(target: { crypto?: Partial<Pick<Crypto, 'subtle'>> } = globalThis): boolean {
  const { crypto } = target
  if (crypto === undefined || crypto.subtle !== undefined) return false
  Object.defineProperty(crypto, 'subtle', { configurable: true, value: { digest } })
  return true
}

async function digest(algorithm: AlgorithmIdentifier, data: BufferSource): Promise<ArrayBuffer> {
  const name = typeof algorithm === 'string' ? algorithm : algorithm.name
  if (name.toUpperCase() !== 'SHA-256') {
    throw new DOMException(`On an origin that is not secure there is only SHA-256, not ${name}.`, 'NotSupportedError')
  }
  const bytes = ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data)
  return new Uint8Array(sha256(bytes)).buffer
}
