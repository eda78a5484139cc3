import { randomBytes } from 'node:crypto'

/** QUIC version 1 (RFC 9000) and what the native part understands beside it: none that browsers use. */
const version1 = 0x00000001
/** A client's first datagram is at least this long (RFC 9000 section 14.1). */
const minInitialBytes = 1_200
const maxConnectionIdBytes = 20

/** What a datagram from somebody unknown is. */
export type FirstPacket =
  | { readonly type: 'initial' }
  /** To be answered by {@link versionNegotiation}. */
  | { readonly type: 'other-version'; readonly destination: Uint8Array; readonly source: Uint8Array }
  /** Too short, not the first of a connection, or not QUIC. */
  | { readonly type: 'stray' }

const stray = { type: 'stray' } as const

/** Looks at the header that every version of QUIC shares (RFC 8999), and at the type in version 1 (RFC 9000 section 17.2.2). */
export function readFirstPacket(datagram: Uint8Array): FirstPacket {
  const first = datagram[0] ?? 0
  const isLongHeader = (first & 0x80) !== 0
  if (!isLongHeader || datagram.length < minInitialBytes) return stray
  const version = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength).getUint32(1)
  const destinationLength = datagram[5] ?? 0
  const sourceLength = datagram[6 + destinationLength] ?? 0
  if (version === 0 || destinationLength > maxConnectionIdBytes || sourceLength > maxConnectionIdBytes) return stray
  if (version !== version1) {
    const sourceAt = 7 + destinationLength
    return {
      type: 'other-version',
      destination: datagram.slice(6, 6 + destinationLength),
      source: datagram.slice(sourceAt, sourceAt + sourceLength),
    }
  }
  const isInitial = (first & 0x70) === 0x40
  return isInitial ? { type: 'initial' } : stray
}

/** The answer to a version that is not spoken here (RFC 9000 section 17.2.1): shorter than what it answers, and nothing is remembered. */
export function versionNegotiation(packet: Extract<FirstPacket, { type: 'other-version' }>): Buffer {
  const { destination, source } = packet
  return Buffer.concat([
    Uint8Array.of(0x80 | (randomBytes(1)[0] ?? 0)),
    Uint8Array.of(0, 0, 0, 0),
    Uint8Array.of(source.length),
    source,
    Uint8Array.of(destination.length),
    destination,
    Uint8Array.of(0, 0, 0, 1),
  ])
}
