import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { type Datastore, Key } from 'interface-datastore'

const identityKey = new Key('/tsugi/relay/identity')

/** The relay's Ed25519 key: the stored one, or a new one that is stored now. Its peer id is what clients remember the relay by. */
export async function loadIdentity(datastore: Datastore): Promise<PrivateKey> {
  if (await datastore.has(identityKey)) return privateKeyFromProtobuf(await datastore.get(identityKey))
  const key = await generateKeyPair('Ed25519')
  await datastore.put(identityKey, privateKeyToProtobuf(key))
  return key
}
