import { createHmac, randomBytes } from 'node:crypto'

const headerBytes = 20
const integrityBytes = 20

/** An ICE binding request as a WebRTC-direct dialler sends it: USERNAME, and MESSAGE-INTEGRITY by the name's first half (RFC 8489; libp2p's WebRTC). */
export function stunRequestOf(username: string): Uint8Array {
  const attributes = attribute(0x00_06, Buffer.from(username))
  const header = Buffer.alloc(headerBytes)
  header.writeUInt16BE(1, 0)
  header.writeUInt16BE(attributes.length + 4 + integrityBytes, 2)
  header.writeUInt32BE(0x21_12_a4_42, 4)
  randomBytes(12).copy(header, 8)
  const signed = Buffer.concat([header, attributes])
  const password = username.split(':')[0] ?? ''
  return Buffer.concat([signed, attribute(0x00_08, createHmac('sha1', password).update(signed).digest())])
}

function attribute(type: number, value: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4)
  bytes.writeUInt16BE(type, 0)
  bytes.writeUInt16BE(value.length, 2)
  bytes.set(value, 4)
  return bytes
}
