import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'

import { type Result, accept, refuse } from './result.ts'

/** The bytes of a nonce; drawn at random for each message. [S1] */
export const sealNonceBytes = 24
const tagBytes = 16

/**
 * Seals a message with XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha): the nonce, then the ciphertext with its tag. [S1]
 *
 * @param context - bytes that both sides know and that the seal is bound to: here, the topic's wire name
 */
export function sealBytes(plain: Uint8Array, key: Uint8Array, nonce: Uint8Array, context: Uint8Array): Uint8Array {
  const sealed = xchacha20poly1305(key, nonce, context).encrypt(plain)
  const out = new Uint8Array(sealNonceBytes + sealed.length)
  out.set(nonce)
  out.set(sealed, sealNonceBytes)
  return out
}

/** Opens what {@link sealBytes} made. Never throws for bytes of any content. [S2] */
export function openSealed(
  sealed: Uint8Array,
  key: Uint8Array,
  context: Uint8Array,
): Result<Uint8Array, 'seal/malformed' | 'seal/forged'> {
  if (sealed.length < sealNonceBytes + tagBytes) return refuse('seal/malformed')
  try {
    return accept(
      xchacha20poly1305(key, sealed.subarray(0, sealNonceBytes), context).decrypt(sealed.subarray(sealNonceBytes)),
    )
  } catch {
    return refuse('seal/forged')
  }
}
