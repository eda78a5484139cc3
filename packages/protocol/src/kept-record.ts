import { deriveBytes, sha256 } from './crypto.ts'
import { sealMessage } from './message.ts'
import { maxRecordBytes } from './record.ts'
import { sealNonceBytes } from './seal.ts'

/** The bytes of a kept record's id. [Q2] */
export const keptIdBytes = 16
/** The longest kept record: one record, its message and its seal. [Q2] */
export const maxKeptRecordBytes = maxRecordBytes + 128

/**
 * Seals one record for whoever keeps it while its readers are away. The nonce follows from the key and the record, so everybody who has
 * both makes the same bytes, and the keeper can tell by their hash alone that it has them. `openMessage` opens it. [Q1]
 */
export function sealKeptRecord(record: Uint8Array, key: Uint8Array, context: Uint8Array): Uint8Array {
  const seed = new Uint8Array(key.length + 32)
  seed.set(key)
  seed.set(sha256(record), key.length)
  const nonce = deriveBytes(seed, 'tsugi/1 kept record', sealNonceBytes)
  return sealMessage({ t: 'records', records: [record] }, key, nonce, context)
}

/** The id of a kept record: the first 16 bytes of the SHA-256 of its sealed bytes. [Q2] */
export function keptRecordId(sealed: Uint8Array): Uint8Array {
  return sha256(sealed).subarray(0, keptIdBytes)
}
