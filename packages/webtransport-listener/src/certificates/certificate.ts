import { createHash, createPrivateKey, hkdfSync } from 'node:crypto'

import { p256 } from '@noble/curves/nist.js'
import { base64url } from 'multiformats/bases/base64'
import * as digest from 'multiformats/hashes/digest'

import * as der from './der.ts'

/** A TLS certificate with its key, as the native part takes them, and the hash by which browsers know it. */
export interface Certificate {
  /** From when to when it is valid, in ms. */
  readonly notBeforeMs: number
  readonly notAfterMs: number
  readonly pem: Buffer
  readonly keyPem: Buffer
  /** SHA-256 of the DER form. */
  readonly sha256: Uint8Array
  /** The same as multihash bytes, as Noise carries it. */
  readonly multihash: Uint8Array
  /** The same as the value of a `/certhash` component: multibase, base64url. */
  readonly certhash: string
}

const sha256Code = 0x12
const ecdsaWithSha256 = der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2'))
const name = der.sequence(der.set(der.sequence(der.objectIdentifier('2.5.4.3'), der.utf8String('libp2p'))))

/**
 * Makes a self-signed certificate as browsers accept it by hash: ECDSA on P-256, at most 14 days (W3C WebTransport, section
 * “custom certificate requirements”). The same seed and times make the same certificate, byte for byte, so a restart does not change an address:
 * the key comes from HKDF (RFC 5869), the signature is deterministic (RFC 6979).
 *
 * @param seed - a secret of the node
 */
export function createCertificate(seed: Uint8Array, notBeforeMs: number, notAfterMs: number): Certificate {
  const salt = new Uint8Array(8)
  new DataView(salt.buffer).setBigUint64(0, BigInt(notBeforeMs))
  const material = new Uint8Array(hkdfSync('sha256', seed, salt, 'libp2p webtransport certificate', 16 + 48))
  const secretKey = p256.utils.randomSecretKey(material.subarray(16))
  const publicKey = p256.getPublicKey(secretKey, false)
  const serial = Uint8Array.from([0x01, ...material.subarray(0, 15)])

  const toSign = der.sequence(
    der.tagged(0, der.integer(Uint8Array.of(2))),
    der.integer(serial),
    ecdsaWithSha256,
    name,
    der.sequence(der.time(notBeforeMs), der.time(notAfterMs)),
    name,
    der.sequence(
      der.sequence(der.objectIdentifier('1.2.840.10045.2.1'), der.objectIdentifier('1.2.840.10045.3.1.7')),
      der.bitString(publicKey),
    ),
    der.tagged(
      3,
      der.sequence(
        // keyUsage: digitalSignature
        extension('2.5.29.15', der.bitString(Uint8Array.of(0x80), 7)),
        // extendedKeyUsage: serverAuth
        extension('2.5.29.37', der.sequence(der.objectIdentifier('1.3.6.1.5.5.7.3.1'))),
      ),
    ),
  )
  const signature = p256.sign(toSign, secretKey, { format: 'der' })
  const bytes = der.sequence(toSign, ecdsaWithSha256, der.bitString(signature))
  const sha256 = new Uint8Array(createHash('sha256').update(bytes).digest())
  const multihash = digest.create(sha256Code, sha256).bytes
  return {
    notBeforeMs,
    notAfterMs,
    pem: Buffer.from(pemOf('CERTIFICATE', bytes)),
    keyPem: Buffer.from(privateKeyPem(secretKey, publicKey)),
    sha256,
    multihash,
    certhash: base64url.encode(multihash),
  }
}

function extension(path: string, value: Uint8Array): Uint8Array {
  return der.sequence(der.objectIdentifier(path), der.yes(), der.octetString(value))
}

function pemOf(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

function privateKeyPem(secretKey: Uint8Array, publicKey: Uint8Array): string {
  const encode = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
  const key = createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      d: encode(secretKey),
      x: encode(publicKey.subarray(1, 33)),
      y: encode(publicKey.subarray(33)),
    },
  })
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}
