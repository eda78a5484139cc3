import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { describe, expect, test } from 'vitest'

import { Departures } from './departures.ts'

const somebody = async (): Promise<PeerId> => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))

describe('[C11] who leaves is forgotten', () => {
  test('at once, and again later, for what was written meanwhile', async () => {
    const [remembered, peer] = [new Set<string>(), await somebody()]
    const departures = new Departures({
      isConnected: () => false,
      forget: async gone => void remembered.delete(gone.toString()),
    })
    remembered.add(peer.toString())
    departures.add(peer)
    expect(remembered.size).toBe(0)
    remembered.add(peer.toString())
    departures.sweep()
    expect([remembered.size, departures.size]).toEqual([0, 0])
  })

  test('unless it has come back', async () => {
    const [remembered, peer] = [new Set<string>(), await somebody()]
    let isConnected = false
    const departures = new Departures({
      isConnected: () => isConnected,
      forget: async gone => void remembered.delete(gone.toString()),
    })
    departures.add(peer)
    isConnected = true
    remembered.add(peer.toString())
    departures.sweep()
    expect(remembered.size).toBe(1)
  })
})
