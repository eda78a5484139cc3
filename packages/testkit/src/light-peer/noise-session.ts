import {
  type KeyObject,
  createCipheriv,
  createDecipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
} from 'node:crypto'

import { readFields, writeFields } from './fields.ts'
import type { LightIdentity } from './light-identity.ts'

const spkiPrefix = Buffer.from('302a300506032b656e032100', 'hex')
const tagBytes = 16
const protocolName = 'Noise_XX_25519_ChaChaPoly_SHA256'
const signedPrefix = Buffer.from('noise-libp2p-static-key:')
const empty = new Uint8Array()
/** Plain bytes in one Noise message. */
const maxPlainBytes = 65_535 - tagBytes

/** One direction of an encrypted channel. */
class Cipher {
  readonly #key: Uint8Array
  readonly #nonce = Buffer.alloc(12)
  #counter = 0

  constructor(key: Uint8Array) {
    this.#key = key
  }

  encrypt(plain: Uint8Array, ad: Uint8Array = empty): Buffer {
    const cipher = createCipheriv('chacha20-poly1305', this.#key, this.#next(), { authTagLength: tagBytes })
    if (ad.length > 0) cipher.setAAD(ad, { plaintextLength: plain.length })
    const sealed = cipher.update(plain)
    cipher.final()
    return Buffer.concat([sealed, cipher.getAuthTag()])
  }

  decrypt(sealed: Uint8Array, ad: Uint8Array = empty): Buffer {
    const end = sealed.length - tagBytes
    const decipher = createDecipheriv('chacha20-poly1305', this.#key, this.#next(), { authTagLength: tagBytes })
    if (ad.length > 0) decipher.setAAD(ad, { plaintextLength: end })
    decipher.setAuthTag(sealed.subarray(end))
    const plain = decipher.update(sealed.subarray(0, end))
    decipher.final()
    return plain
  }

  #next(): Buffer {
    this.#nonce.writeUInt32LE(this.#counter, 4)
    this.#counter += 1
    return this.#nonce
  }
}

/** The initiator's side of libp2p's Noise XX handshake (libp2p/specs/noise), and the channel that it leads to. */
export class NoiseSession {
  readonly #identity: LightIdentity
  readonly #ephemeral = generateKeyPairSync('x25519')
  readonly #static = generateKeyPairSync('x25519')
  #chainingKey: Uint8Array = Buffer.from(protocolName)
  #hash: Uint8Array = this.#chainingKey
  #handshake: Cipher | undefined
  #sender: Cipher | undefined
  #receiver: Cipher | undefined

  constructor(identity: LightIdentity) {
    this.#identity = identity
    this.#mixHash(empty)
  }

  /** `-> e` */
  first(): Uint8Array {
    const own = rawKey(this.#ephemeral.publicKey)
    this.#mixHash(own)
    this.#mixHash(empty)
    return own
  }

  /** Takes `<- e, ee, s, es` and answers with `-> s, se`. */
  answer(message: Uint8Array): { readonly reply: Uint8Array; readonly muxers: readonly string[] } {
    const theirEphemeral = publicKey(message.subarray(0, 32))
    this.#mixHash(message.subarray(0, 32))
    this.#mixKey(this.#ephemeral.privateKey, theirEphemeral)
    const theirStatic = publicKey(this.#open(message.subarray(32, 80)))
    this.#mixKey(this.#ephemeral.privateKey, theirStatic)
    const payload = readFields(this.#open(message.subarray(80)))

    const own = rawKey(this.#static.publicKey)
    const sealedStatic = this.#seal(own)
    this.#mixKey(this.#static.privateKey, theirEphemeral)
    const reply = this.#seal(
      writeFields([
        [1, this.#identity.publicKey],
        [2, this.#identity.sign(Buffer.concat([signedPrefix, own]))],
        [4, writeFields([[2, '/yamux/1.0.0']])],
      ]),
    )
    const [sender, receiver] = derive(this.#chainingKey, empty)
    this.#sender = new Cipher(sender)
    this.#receiver = new Cipher(receiver)
    const [extensions] = payload.get(4) ?? []
    const muxers = extensions instanceof Uint8Array ? (readFields(extensions).get(2) ?? []) : []
    return { reply: Buffer.concat([sealedStatic, reply]), muxers: muxers.map(String) }
  }

  /** Seals bytes into as many Noise messages as they need, each with its length before it. */
  seal(plain: Uint8Array): Buffer {
    const messages: Buffer[] = []
    for (let at = 0; at < plain.length; at += maxPlainBytes) {
      const sealed = this.#sender?.encrypt(plain.subarray(at, at + maxPlainBytes)) ?? Buffer.alloc(0)
      const length = Buffer.alloc(2)
      length.writeUInt16BE(sealed.length)
      messages.push(length, sealed)
    }
    return Buffer.concat(messages)
  }

  /** Opens one Noise message, without its length. */
  open(message: Uint8Array): Buffer {
    if (this.#receiver === undefined) throw new Error('the handshake is not over')
    return this.#receiver.decrypt(message)
  }

  #seal(plain: Uint8Array): Buffer {
    const sealed = this.#handshake?.encrypt(plain, this.#hash) ?? Buffer.from(plain)
    this.#mixHash(sealed)
    return sealed
  }

  #open(sealed: Uint8Array): Uint8Array {
    const plain = this.#handshake?.decrypt(sealed, this.#hash) ?? sealed
    this.#mixHash(sealed)
    return plain
  }

  #mixHash(data: Uint8Array): void {
    this.#hash = createHash('sha256').update(this.#hash).update(data).digest()
  }

  #mixKey(privateKey: KeyObject, theirs: KeyObject): void {
    const [chainingKey, key] = derive(this.#chainingKey, diffieHellman({ privateKey, publicKey: theirs }))
    this.#chainingKey = chainingKey
    this.#handshake = new Cipher(key)
  }
}

function derive(chainingKey: Uint8Array, input: Uint8Array): [Uint8Array, Uint8Array] {
  const bytes = new Uint8Array(hkdfSync('sha256', input, chainingKey, empty, 64))
  return [bytes.subarray(0, 32), bytes.subarray(32)]
}

function rawKey(key: KeyObject): Uint8Array {
  return key.export({ type: 'spki', format: 'der' }).subarray(spkiPrefix.length)
}

function publicKey(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), type: 'spki', format: 'der' })
}
