import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'

import { withPeerId } from './with-peer-id.ts'

test.each([
  '/ip4/192.0.2.1/tcp/4001/ws',
  '/ip6/2001:db8:0:1:2:3:4:5/tcp/4001/ws',
  '/ip4/192.0.2.1/udp/4001/webrtc-direct',
  '/dns4/relay.example/tcp/443/tls/ws',
])('%s with a peer id is what libp2p makes of it', async text => {
  const peer = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  const named = withPeerId(multiaddr(text), peer)
  expect(named.toString()).toBe(`${text}/p2p/${peer.toString()}`)
  expect(named.bytes).toEqual(multiaddr(`${text}/p2p/${peer.toString()}`).bytes)
  expect(withPeerId(named, peer)).toBe(named)
})
