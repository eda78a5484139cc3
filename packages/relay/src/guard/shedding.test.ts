import { describe, expect, test } from 'vitest'

import type { CircuitRecord } from '../circuit/circuit-table.ts'
import { type PeerUse, circuitsToShed, peersToShed, unusedPeers } from './shedding.ts'

const circuit = (id: number, lastActiveAtMs: number, state: CircuitRecord['state'] = 'connected'): CircuitRecord => ({
  id,
  source: 'a',
  target: 'b',
  app: 'default',
  kind: 'circuit',
  state,
  port: null,
  createdAtMs: 0,
  lastActiveAtMs,
  fromSource: { packets: 0, bytes: 0 },
  fromTarget: { packets: 0, bytes: 0 },
})
const peer = (name: string, lastActiveAtMs: number, use: Partial<PeerUse> = {}): PeerUse => ({
  peer: name,
  lastActiveAtMs,
  hasReservation: false,
  hasTopics: false,
  circuits: 0,
  ...use,
})

describe('[B7] what is closed to make room', () => {
  test('the idlest circuits first, a twentieth at a time, and none that is in use or only being joined', () => {
    const now = 1_000_000
    const circuits = Array.from({ length: 200 }, (_, id) => circuit(id, id * 1_000))
    expect(circuitsToShed(circuits, now).map(each => each.id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(circuitsToShed([circuit(1, now - 29_999), circuit(2, 0, 'connecting')], now)).toEqual([])
  })

  test('then the peers: who uses nothing, before who waits to be reached, before who plays', () => {
    const players = [peer('plays', 1, { hasTopics: true }), peer('circuit', 0, { circuits: 1, hasReservation: true })]
    const others = [peer('waits', 0, { hasReservation: true }), peer('new', 900), peer('idle', 5)]
    expect(peersToShed([...players, ...others]).map(each => each.peer)).toEqual(['idle', 'new', 'waits', 'circuit'])
  })

  test('under load, who came for nothing and stayed long; nobody else', () => {
    const peers = [peer('old', 0), peer('new', 9_000), peer('waits', 0, { hasReservation: true })]
    expect(unusedPeers(peers, 10_000, 5_000).map(each => each.peer)).toEqual(['old'])
  })
})
