import { TypedEventEmitter } from '@libp2p/interface'
import type { Connection, Libp2pEvents } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'

import { countTransports } from './transport-counts.ts'

test('A8: connections are counted by how they came, those that are open and those that were', () => {
  const node = new TypedEventEmitter<Libp2pEvents>()
  const figures = countTransports(node)
  const tell = (type: 'connection:open' | 'connection:close', detail: Connection): void =>
    void node.safeDispatchEvent(type, { detail })
  const from = (address: string) => ({ remoteAddr: multiaddr(address) }) as Connection
  const web = from('/ip4/192.0.2.1/tcp/1/ws')
  const direct = from('/ip4/192.0.2.1/udp/1/webrtc-direct')
  const quick = from('/ip4/192.0.2.1/udp/1/quic-v1/webtransport')
  for (const each of [web, direct, quick, from('/ip4/192.0.2.2/tcp/2/wss')]) tell('connection:open', each)
  for (const each of [direct, direct, from('/ip4/192.0.2.3/tcp/3/ws')]) tell('connection:close', each)
  expect(figures()).toEqual({
    websocket: { connections: 2, opened: 2 },
    'webrtc-direct': { connections: 0, opened: 1 },
    webtransport: { connections: 1, opened: 1 },
    other: { connections: 0, opened: 0 },
  })
})
