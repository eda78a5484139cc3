import { ed25519 } from '@noble/curves/ed25519.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 as sha2 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'

/** SHA-256 (FIPS 180-4). */
export function sha256(bytes: Uint8Array): Uint8Array {
  return sha2(bytes)
}

/** HKDF-SHA-256 (RFC 5869) without salt; `label` keeps keys of different use apart. */
export function deriveBytes(secret: Uint8Array, label: string, length: number): Uint8Array {
  return hkdf(sha2, secret, undefined, utf8ToBytes(label), length)
}

/** The public key of a 32-byte Ed25519 secret key (RFC 8032). */
export function publicKeyOf(secretKey: Uint8Array): Uint8Array {
  return ed25519.getPublicKey(secretKey)
}

/** Signs `bytes` for one purpose: what is signed is the purpose, a zero byte, and the bytes. [C2] */
export function signFor(purpose: string, bytes: Uint8Array, secretKey: Uint8Array): Uint8Array {
  return ed25519.sign(bound(purpose, bytes), secretKey)
}

/** Checks a signature made by {@link signFor}; strict (RFC 8032), and never throws, whatever the bytes. [C2] */
export function isSignedFor(purpose: string, bytes: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, bound(purpose, bytes), publicKey, { zip215: false })
  } catch {
    return false
  }
}

function bound(purpose: string, bytes: Uint8Array): Uint8Array {
  return concatBytes(utf8ToBytes(purpose), Uint8Array.of(0), bytes)
}
