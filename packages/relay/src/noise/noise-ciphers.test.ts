import { createCipheriv, createDecipheriv } from 'node:crypto'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { type Aead, type Ciphers, NoiseCiphers, nonceOf, readableAead } from './noise-ciphers.ts'

const options = { authTagLength: 16 }
const chaCha: Aead = {
  encrypt(plain, nonce, _associated, key) {
    const cipher = createCipheriv('chacha20-poly1305', key, nonce, options)
    return Buffer.concat([cipher.update(plain.subarray()), cipher.final(), cipher.getAuthTag()])
  },
  decrypt(sealed, nonce, _associated, key) {
    const decipher = createDecipheriv('chacha20-poly1305', key, nonce, options)
    decipher.setAuthTag(sealed.subarray(-16))
    return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
  },
}
const [there, back] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]

/** What a handshake hands over, written from the specification: a count of its own each way. */
function closures(aead: Aead, sealKey: Uint8Array, openKey: Uint8Array): Ciphers {
  let [sealed, opened] = [0, 0]
  const nonce = (count: number): Uint8Array => {
    const bytes = new Uint8Array(12)
    new DataView(bytes.buffer).setBigUint64(4, BigInt(count), true)
    return bytes
  }
  const none = new Uint8Array(0)
  return {
    encrypt: plain => aead.encrypt(plain, nonce(sealed++), none, sealKey),
    decrypt: bytes => aead.decrypt(bytes, nonce(opened++), none, openKey),
  }
}

describe('the ciphers of a connection', () => {
  test('go on from the handshake: the far end reads what they seal, and they what it seals', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.uint8Array({ maxLength: 200 }))), turns => {
        const ours = NoiseCiphers.from(chaCha, closures(readableAead(chaCha), there, back))
        const theirs = closures(chaCha, back, there)
        for (const [isOurs, body] of turns) {
          const [from, to] = isOurs ? [ours, theirs] : [theirs, ours]
          expect([...to.decrypt(from.encrypt(body)).subarray()]).toEqual([...body])
        }
      }),
    )
  })

  test.each(['left out', 'sent again', 'changed'])('a message that was %s is not opened', what => {
    const [ours, theirs] = [new NoiseCiphers(chaCha, there, back), new NoiseCiphers(chaCha, back, there)]
    const [first, second] = [theirs.encrypt(Uint8Array.of(1)).subarray(), theirs.encrypt(Uint8Array.of(2)).subarray()]
    if (what === 'changed') first[0] = (first[0] ?? 0) ^ 1
    if (what === 'sent again') ours.decrypt(first)
    expect(() => ours.decrypt(what === 'left out' ? second : first)).toThrow(/auth/)
  })

  test('keep their keys, whatever becomes of those that they were given', () => {
    const key = new Uint8Array(there)
    const ours = new NoiseCiphers(chaCha, key, back)
    key.fill(0)
    const theirs = new NoiseCiphers(chaCha, back, there)
    expect([...theirs.decrypt(ours.encrypt(Uint8Array.of(7))).subarray()]).toEqual([7])
  })

  test('count messages in 64 bits', () => {
    expect([...nonceOf(2 ** 40 + 258)]).toEqual([0, 0, 0, 0, 2, 1, 0, 0, 0, 1, 0, 0])
    expect([...nonceOf(1)]).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
  })
})
