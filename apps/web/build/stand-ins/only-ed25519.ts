// Stands in for libp2p's RSA, ECDSA and secp256k1 keys, and the ASN.1 that they are written in: our relays and our peers have Ed25519
// identities.

function refuse(): never {
  throw new Error('This page reads Ed25519 identities only; a relay for browsers has one.')
}

export const ECDSA_P_256_OID = 'none'
export const ECDSA_P_384_OID = 'none'
export const ECDSA_P_521_OID = 'none'
export const RSAES_PKCS1_V1_5_OID = 'none'
// secp256k1's; a private key of Ed25519 has 64 bytes, a public one 32.
export const privateKeyLength = -1
export const publicKeyLength = -1

export {
  refuse as ECDSAPrivateKey,
  refuse as decodeDer,
  refuse as generateECDSAKeyPair,
  refuse as generateEphemeralKeyPair,
  refuse as generateRSAKeyPair,
  refuse as generateSecp256k1KeyPair,
  refuse as jwkToRSAPrivateKey,
  refuse as keyStretcher,
  refuse as pkcs1MessageToRSAPrivateKey,
  refuse as pkcs1ToRSAPrivateKey,
  refuse as pkiMessageToECDSAPrivateKey,
  refuse as pkiMessageToECDSAPublicKey,
  refuse as pkixMessageToRSAPublicKey,
  refuse as pkixToRSAPublicKey,
  refuse as unmarshalECDSAPrivateKey,
  refuse as unmarshalECDSAPublicKey,
  refuse as unmarshalSecp256k1PrivateKey,
  refuse as unmarshalSecp256k1PublicKey,
}
