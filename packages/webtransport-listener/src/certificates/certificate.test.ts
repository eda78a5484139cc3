import { X509Certificate } from 'node:crypto'

import fc from 'fast-check'
import { expect, it } from 'vitest'

import { createCertificate } from './certificate.ts'

const start = Date.UTC(2026, 10, 21)
const end = start + 14 * 86_400_000
const seedOf = (text: string): Uint8Array => new TextEncoder().encode(text)

it('makes a certificate that others can read and verify', () => {
  const { pem, sha256, keyPem } = createCertificate(seedOf('one'), start, end)
  const read = new X509Certificate(pem)
  expect(read.validFromDate.getTime()).toBe(start)
  expect(read.validToDate.getTime()).toBe(end)
  expect(read.publicKey.asymmetricKeyType).toBe('ec')
  expect(read.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
  expect(read.verify(read.publicKey)).toBe(true)
  expect(read.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(Buffer.from(sha256).toString('hex'))
  expect(keyPem.toString()).toContain('BEGIN PRIVATE KEY')
})

it('makes the same certificate from the same seed and times, byte for byte, and another one from others', () => {
  const one = createCertificate(seedOf('one'), start, end)
  expect(createCertificate(seedOf('one'), start, end)).toEqual(one)
  expect(createCertificate(seedOf('two'), start, end).certhash).not.toBe(one.certhash)
  expect(createCertificate(seedOf('one'), start + 1_000, end).certhash).not.toBe(one.certhash)
})

it('writes valid DER for any seed and any time to 2060', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.integer({ min: 0, max: Date.UTC(2060) / 1_000 }),
      (seed, seconds) => {
        const { pem } = createCertificate(seed, seconds * 1_000, seconds * 1_000 + 86_400_000)
        const read = new X509Certificate(pem)
        expect(read.verify(read.publicKey)).toBe(true)
        expect(read.validFromDate.getTime()).toBe(seconds * 1_000)
      },
    ),
    { numRuns: 40 },
  )
})
