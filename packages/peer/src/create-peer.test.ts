import { describe, expect, it } from 'vitest'

import { openMesh, until } from '../test-support/mesh.ts'
import { startRelay } from '../test-support/start-relay.ts'
import { createPeer, type PeerOptions } from './index.ts'

describe('createPeer', () => {
  it.each<[Partial<PeerOptions>, string]>([
    [{ app: 'No App' }, 'peer/invalid-option'],
    [{ slots: 0 }, 'peer/invalid-option'],
    [{ limits: { bookPeers: -1 } }, 'peer/invalid-option'],
    [{ relays: ['nonsense'] }, 'relay/invalid-address'],
    [{ relays: ['http://a', 'http://b'], limits: { knownRelays: 1 } }, 'relay/too-many'],
    [{ identity: { seed: new Uint8Array(5) } }, 'identity/invalid-key'],
  ])('refuses %o with %s', async (options, code) => {
    await expect(createPeer({ app: 'test', relays: [], ...options })).rejects.toMatchObject({ name: 'PeerError', code })
  })

  it('has the peer id of its key', async () => {
    const seed = new Uint8Array(32).fill(9)
    const mesh = openMesh()
    const [a, b] = [await mesh.peer([], { identity: { seed } }), await mesh.peer([], { identity: { seed } })]
    expect(a.id).toBe(b.id)
    expect(a.id).toMatch(/^12D3KooW/)
    expect(a.identity.seed).toEqual(seed)
  })

  it('plays where crypto.subtle is missing, as on a page over plain http', async () => {
    // Node's own libp2p builds use node:crypto; what is shown here is that nothing reads the rest of it at start.
    const subtle = Object.getOwnPropertyDescriptor(globalThis.crypto, 'subtle')
    Object.defineProperty(globalThis.crypto, 'subtle', { configurable: true, value: undefined })
    try {
      const mesh = openMesh()
      const relay = await startRelay()
      const peer = await mesh.peer([relay.url], { webrtc: false })
      await until('ready', () => peer.state === 'ready')
      expect(peer.state).toBe('ready')
    } finally {
      if (subtle === undefined) Reflect.deleteProperty(globalThis.crypto, 'subtle')
      else Object.defineProperty(globalThis.crypto, 'subtle', subtle)
    }
  })
})
