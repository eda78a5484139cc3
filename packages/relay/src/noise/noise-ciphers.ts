import type { Uint8ArrayList } from 'uint8arraylist'

type Bytes = Uint8Array | Uint8ArrayList

/** ChaCha20-Poly1305 as Noise uses it: 12 bytes of nonce, 32 of key; what is sealed ends with a tag of 16. Both throw. */
export interface Aead {
  readonly encrypt: (plain: Bytes, nonce: Uint8Array, associated: Uint8Array, key: Uint8Array) => Bytes
  /** May write what it opens over `into`. */
  readonly decrypt: (
    sealed: Bytes,
    nonce: Uint8Array,
    associated: Uint8Array,
    key: Uint8Array,
    into?: Uint8Array,
  ) => Bytes
}

/** Seals and opens messages in their order. A handshake of `@libp2p/noise` hands over a pair of closures, with keys and nonces inside. */
export interface Ciphers {
  encrypt(plain: Bytes): Bytes
  decrypt(sealed: Bytes, into?: Uint8Array): Bytes
}

const keyBytes = 32
const nothing = new Uint8Array(0)
/** Of the message at hand; nobody keeps it. */
const nonce = new Uint8Array(12)
const nonceView = new DataView(nonce.buffer)
/** What {@link readableAead} tells its key for. */
const question = new Uint8Array(0)

/**
 * Both directions of an encrypted connection (Noise, section 5.1): two keys side by side, and how many messages each has sealed. A
 * connection lives long, and what a handshake hands over takes four times as much.
 */
export class NoiseCiphers implements Ciphers {
  readonly #aead: Aead
  /** For sealing, then for opening. */
  readonly #keys = new Uint8Array(2 * keyBytes)
  #sealed = 0
  #opened = 0

  constructor(aead: Aead, sealKey: Uint8Array, openKey: Uint8Array) {
    this.#aead = aead
    this.#keys.set(sealKey)
    this.#keys.set(openKey, keyBytes)
  }

  /** Takes over from a handshake that was made with {@link readableAead}, before its first message. */
  static from(aead: Aead, handshake: Ciphers): NoiseCiphers {
    return new NoiseCiphers(aead, handshake.encrypt(question).subarray(), handshake.decrypt(question).subarray())
  }

  encrypt(plain: Bytes): Bytes {
    return this.#aead.encrypt(plain, nonceOf(this.#sealed++), nothing, this.#keys.subarray(0, keyBytes))
  }

  /** May write what it opens over `into`. @throws when the message was not sealed with this key, in this order */
  decrypt(sealed: Bytes, into?: Uint8Array): Bytes {
    return this.#aead.decrypt(sealed, nonceOf(this.#opened++), nothing, this.#keys.subarray(keyBytes), into)
  }
}

/** The same, but one that {@link NoiseCiphers.from} can ask for the key of a cipher. */
export function readableAead(aead: Aead): Aead {
  return {
    ...aead,
    encrypt: (plain, at, associated, key) => (plain === question ? key : aead.encrypt(plain, at, associated, key)),
    decrypt: (sealed, at, associated, key, into) =>
      sealed === question ? key : aead.decrypt(sealed, at, associated, key, into),
  }
}

/** Four bytes of zero, then the count of messages in 64 bits, little-endian (Noise, section 12.3). No connection lives for 2⁵³. */
export function nonceOf(count: number): Uint8Array {
  nonceView.setUint32(4, count, true)
  nonceView.setUint32(8, count / 2 ** 32, true)
  return nonce
}
