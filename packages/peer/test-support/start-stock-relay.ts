import { type CircuitRelayServerInit, circuitRelayServer } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { onTestFinished } from 'vitest'

/** A relay as js-libp2p's documentation shows it: circuits, and no gossip. */
export interface StockRelay {
  /** With its peer id: what `relays` takes. */
  readonly address: string
  /** Slots that it holds for others. */
  reservations(): number
  /** Ends every connection to it, and so every circuit through it. */
  cut(): void
}

/** Starts one on loopback; it ends with its test. */
export async function startStockRelay(options: CircuitRelayServerInit = {}): Promise<StockRelay> {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0/ws'] },
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: 1_000 },
    services: { identify: identify(), ping: ping(), relay: circuitRelayServer(options) },
  })
  onTestFinished(() => Promise.resolve(node.stop()))
  return {
    address: node.getMultiaddrs()[0]?.toString() ?? '',
    reservations: () => node.services.relay.reservations.size,
    cut() {
      for (const connection of node.getConnections()) void connection.close()
    },
  }
}
