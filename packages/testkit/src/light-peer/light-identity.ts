import { generateKeyPairSync, sign } from 'node:crypto'

/** An Ed25519 key as libp2p writes it. */
export interface LightIdentity {
  /** The public key as protobuf. */
  readonly publicKey: Uint8Array
  /** The peer id's multihash. */
  readonly id: Uint8Array
  sign(bytes: Uint8Array): Uint8Array
}

/** Makes a new one. */
export function createLightIdentity(): LightIdentity {
  const pair = generateKeyPairSync('ed25519')
  const raw = pair.publicKey.export({ type: 'spki', format: 'der' }).subarray(12)
  const publicKey = Buffer.concat([Uint8Array.of(0x08, 0x01, 0x12, 0x20), raw])
  return {
    publicKey,
    id: Buffer.concat([Uint8Array.of(0x00, publicKey.length), publicKey]),
    sign: bytes => sign(null, bytes, pair.privateKey),
  }
}
