// Stands in for libp2p's secp256k1 keys: another elliptic curve, for identities that neither our relays nor our peers have.

export const privateKeyLength = 32
export const publicKeyLength = 33

function refuse(): never {
  throw new Error('This page cannot read secp256k1 identities; a relay for browsers has an Ed25519 one.')
}

export const unmarshalSecp256k1PrivateKey = refuse
export const unmarshalSecp256k1PublicKey = refuse
export const generateSecp256k1KeyPair = refuse
