import { isIPv4 } from 'node:net'
import { crc32 } from 'node:zlib'

/** The header of RFC 8489, section 5, and the attributes that a binding server reads and writes. */
const headerBytes = 20
const magicCookie = 0x2112_a442
const bindingRequest = 0x0001
const bindingResponse = 0x0101
const bindingError = 0x0111
const attribute = {
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  xorMappedAddress: 0x0020,
  software: 0x8022,
  fingerprint: 0x8028,
} as const
/** Attributes below this number must be understood; the others may be skipped. */
const firstOptional = 0x8000
/** Understood in the sense of the RFC: a server without credentials skips what concerns them. */
const understood = new Set<number>([0x0006, 0x0008, 0x0014, 0x0015, 0x001c, 0x001d, 0x001e, 0x0024, 0x0025])
const fingerprintXor = 0x5354_554e

/** A binding request that may be answered. */
export interface BindingRequest {
  readonly transactionId: Uint8Array
  /** Attributes that must be understood and are not. */
  readonly unknownAttributes: readonly number[]
  readonly hasFingerprint: boolean
}

/**
 * Reads a datagram as a STUN binding request. Anything else (other methods, indications, responses, RTP, DTLS, noise, a wrong
 * FINGERPRINT) is nothing that an answer is owed to.
 */
export function parseBindingRequest(datagram: Uint8Array): BindingRequest | undefined {
  if (datagram.length < headerBytes || datagram.length % 4 !== 0) return undefined
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength)
  if (view.getUint16(0) !== bindingRequest || view.getUint32(4) !== magicCookie) return undefined
  if (view.getUint16(2) !== datagram.length - headerBytes) return undefined
  const unknownAttributes: number[] = []
  let hasFingerprint = false
  let offset = headerBytes
  while (offset < datagram.length) {
    // FINGERPRINT is the last attribute, or it is none.
    if (hasFingerprint) return undefined
    const type = view.getUint16(offset)
    const length = view.getUint16(offset + 2)
    const next = offset + 4 + length + ((4 - (length % 4)) % 4)
    if (next > datagram.length) return undefined
    if (type === attribute.fingerprint) {
      if (length !== 4 || view.getUint32(offset + 4) !== fingerprintOf(datagram.subarray(0, offset))) return undefined
      hasFingerprint = true
    } else if (type < firstOptional && !understood.has(type)) {
      unknownAttributes.push(type)
    }
    offset = next
  }
  return { transactionId: datagram.slice(8, headerBytes), unknownAttributes, hasFingerprint }
}

/** The answer that tells a client its own address as seen from here: XOR-MAPPED-ADDRESS, SOFTWARE, FINGERPRINT. */
export function encodeBindingResponse(
  transactionId: Uint8Array,
  address: string,
  port: number,
  software: string,
): Uint8Array {
  const attributes = [xorMappedAddress(transactionId, address, port)]
  if (software !== '') attributes.push(encodeAttribute(attribute.software, new TextEncoder().encode(software)))
  return encodeMessage(bindingResponse, transactionId, attributes)
}

/** The answer to a request with attributes that must be understood and are not: 420, and which. */
export function encodeUnknownAttributes(transactionId: Uint8Array, unknown: readonly number[]): Uint8Array {
  const reason = new TextEncoder().encode('Unknown Attribute')
  const error = new Uint8Array(4 + reason.length)
  error.set([0, 0, 4, 20])
  error.set(reason, 4)
  const list = new Uint8Array(unknown.length * 2)
  const view = new DataView(list.buffer)
  for (const [index, type] of unknown.entries()) view.setUint16(index * 2, type)
  return encodeMessage(bindingError, transactionId, [
    encodeAttribute(attribute.errorCode, error),
    encodeAttribute(attribute.unknownAttributes, list),
  ])
}

function xorMappedAddress(transactionId: Uint8Array, address: string, port: number): Uint8Array {
  const raw = addressBytes(address)
  const mask = new Uint8Array(16)
  new DataView(mask.buffer).setUint32(0, magicCookie)
  mask.set(transactionId, 4)
  const value = new Uint8Array(4 + raw.length)
  value[1] = raw.length === 4 ? 1 : 2
  new DataView(value.buffer).setUint16(2, port ^ (magicCookie >>> 16))
  for (const [index, byte] of raw.entries()) value[4 + index] = byte ^ (mask[index] ?? 0)
  return encodeAttribute(attribute.xorMappedAddress, value)
}

function addressBytes(address: string): Uint8Array {
  if (isIPv4(address)) return Uint8Array.from(address.split('.'), Number)
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  const [head = '', tail] = address.split('::', 2)
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  for (const [index, group] of before.entries()) view.setUint16(index * 2, Number.parseInt(group, 16))
  for (const [index, group] of after.entries())
    view.setUint16((8 - after.length + index) * 2, Number.parseInt(group, 16))
  return bytes
}

function encodeAttribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + value.length + ((4 - (value.length % 4)) % 4))
  const view = new DataView(bytes.buffer)
  view.setUint16(0, type)
  view.setUint16(2, value.length)
  bytes.set(value, 4)
  return bytes
}

function encodeMessage(type: number, transactionId: Uint8Array, attributes: readonly Uint8Array[]): Uint8Array {
  const bodyBytes = attributes.reduce((sum, each) => sum + each.length, 0)
  const bytes = new Uint8Array(headerBytes + bodyBytes + 8)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, type)
  // The length counts FINGERPRINT before it is computed (section 14.7).
  view.setUint16(2, bodyBytes + 8)
  view.setUint32(4, magicCookie)
  bytes.set(transactionId, 8)
  let offset = headerBytes
  for (const each of attributes) {
    bytes.set(each, offset)
    offset += each.length
  }
  view.setUint16(offset, attribute.fingerprint)
  view.setUint16(offset + 2, 4)
  view.setUint32(offset + 4, fingerprintOf(bytes.subarray(0, offset)))
  return bytes
}

function fingerprintOf(bytes: Uint8Array): number {
  return (crc32(bytes) ^ fingerprintXor) >>> 0
}
