import { publicKeyFromProtobuf } from '@libp2p/crypto/keys'
import type {
  ConnectionEncrypter,
  Logger,
  MessageStream,
  PeerId,
  PrivateKey,
  PublicKey,
  SecureConnectionOptions,
  SecuredConnection,
  StreamMuxerFactory,
} from '@libp2p/interface'
import { type NoiseComponents, noise } from '@libp2p/noise'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import { type LengthPrefixedStream, lpStream } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { decode as decodeMultihash } from 'multiformats/hashes/digest'
import type { Uint8ArrayList } from 'uint8arraylist'

import { withPeerId } from '../addresses/with-peer-id.ts'
import { RelayError } from '../relay-error.ts'
import { NoiseChannel } from './noise-channel.ts'
import { type Aead, type Ciphers, NoiseCiphers, readableAead } from './noise-ciphers.ts'

const maxMessageBytes = 65_535
const ed25519Bytes = 32

interface Handshake extends Ciphers {
  readonly payload: { readonly identityKey: Uint8Array; readonly extensions?: { readonly streamMuxers: string[] } }
}

type Perform = (
  connection: LengthPrefixedStream,
  privateKey: PrivateKey,
  log: Logger,
  remoteKey?: PublicKey,
  options?: SecureConnectionOptions,
) => Promise<Handshake>

/** What @libp2p/noise 17 does inside and does not offer outside. A test fails when it changes. */
interface NoiseInside extends ConnectionEncrypter {
  crypto: Aead
  readonly performHandshakeInitiator: Perform
  readonly performHandshakeResponder: Perform
  readonly getStreamMuxer: (protocols?: string[]) => StreamMuxerFactory | undefined
}

/**
 * Noise by @libp2p/noise up to the end of the handshake, then a channel and a pair of ciphers of our own. Theirs asks for the next length
 * until it throws, a fifth of a busy relay's CPU, and keeps the handshake's payload for the connection's life.
 */
export function relayNoise(): (components: NoiseComponents) => ConnectionEncrypter {
  const make = noise()
  return components => {
    const inside = make(components) as NoiseInside
    requireShape(inside)
    const aead = inside.crypto
    inside.crypto = readableAead(aead)
    const secure = async (
      perform: Perform,
      connection: MessageStream,
      options: SecureConnectionOptions | undefined,
    ): Promise<SecuredConnection> => {
      const framed = lpStream(connection, { lengthEncoder, lengthDecoder, maxDataLength: maxMessageBytes })
      const remoteKey = options?.remotePeer?.publicKey
      const handshake = await perform.call(inside, framed, components.privateKey, connection.log, remoteKey, options)
      const streamMuxer =
        options?.skipStreamMuxerNegotiation === true
          ? undefined
          : inside.getStreamMuxer(handshake.payload.extensions?.streamMuxers)
      const remotePeer = peerIdOf(handshake.payload.identityKey)
      nameConnection(connection, remotePeer)
      return {
        connection: new NoiseChannel(framed.unwrap(), NoiseCiphers.from(aead, handshake)),
        remotePeer,
        ...(streamMuxer === undefined ? {} : { streamMuxer }),
      }
    }
    return {
      protocol: inside.protocol,
      secureInbound: (connection, options) => secure(inside.performHandshakeResponder, connection, options),
      secureOutbound: (connection, options) => secure(inside.performHandshakeInitiator, connection, options),
    }
  }
}

/** An id of its own bytes: what libp2p makes is a piece of a buffer of 64 KiB, which would live as long as the id. */
function peerIdOf(identityKey: Uint8Array): PeerId {
  // Encoded anew, because a key can be written in more than one way, and the id is the hash of one of them.
  const { bytes } = publicKeyFromProtobuf(identityKey).toMultihash()
  const multihash = decodeMultihash(bytes)
  const peer = peerIdFromMultihash(multihash)
  // The id of an Ed25519 key ends with the key itself; a copy beside it would take 150 bytes.
  if (peer.type === 'Ed25519') Object.assign(peer.publicKey, { raw: multihash.digest.subarray(-ed25519Bytes) })
  return peer
}

/** The raw connection's address with the id behind it. libp2p makes a second address otherwise, with a text of forty pieces. */
function nameConnection(connection: MessageStream, peer: PeerId): void {
  if (!('remoteAddr' in connection)) return
  const raw = connection as { remoteAddr: Multiaddr }
  raw.remoteAddr = withPeerId(raw.remoteAddr, peer)
}

function lengthEncoder(length: number): Uint8Array {
  return Uint8Array.of(length >>> 8, length)
}
lengthEncoder.bytes = 2

function lengthDecoder(data: Uint8ArrayList | Uint8Array): number {
  if (data.byteLength < 2) throw new RangeError('a Noise message without its length')
  return data instanceof Uint8Array ? (data[0] ?? 0) * 256 + (data[1] ?? 0) : data.getUint16(0)
}
lengthDecoder.bytes = 2

function requireShape(inside: NoiseInside): void {
  const isAsExpected = [
    inside.performHandshakeInitiator,
    inside.performHandshakeResponder,
    inside.getStreamMuxer,
    inside.crypto?.encrypt,
    inside.crypto?.decrypt,
  ].every(each => typeof each === 'function')
  if (isAsExpected) return
  throw new RelayError(
    'relay/incompatible-library',
    '@libp2p/noise is not the version that this relay was written against.',
  )
}
