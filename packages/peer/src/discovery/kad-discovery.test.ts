import { describe, expect, it } from 'vitest'

import { openMesh, until } from '../../test-support/mesh.ts'
import { startRelay } from '../../test-support/start-relay.ts'
import { kadDiscovery } from './index.ts'

describe('a peer that looks in the DHT', () => {
  it('finds a relay of which the one that it knows says nothing [B9 C10]', async () => {
    const mesh = openMesh()
    // A has no fellows, so it names nobody; C left its address in A's part of the DHT.
    const a = await startRelay({ discover: false })
    const c = await startRelay({ relays: [a.url], discover: true })
    await until('c knows a', () => c.relay.stats().relays.connected === 1)
    expect(a.relay.wellKnown().relays ?? []).toEqual([])
    const peer = await mesh.peer([a.url], { discovery: kadDiscovery() })
    await until('two slots', () => peer.stats().relays.reserved === 2, 50_000)
    expect(peer.relays.list().map(({ peerId }) => peerId)).toEqual([a.relay.peerId, c.relay.peerId])
  })
})
