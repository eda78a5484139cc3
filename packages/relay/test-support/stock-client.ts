import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { type GossipSub, gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import type { Libp2p, Transport } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

/** A peer made of nothing but stock parts, as any js-libp2p application makes it. */
export type StockClient = Libp2p<{ pubsub: GossipSub }>

/** Starts a stock peer; with a relay's address it listens on a circuit there. */
export async function startStockClient(
  relayAddress?: string,
  transports: ReadonlyArray<(components: never) => Transport> = [],
): Promise<StockClient> {
  return await createLibp2p({
    addresses: { listen: relayAddress === undefined ? [] : [`${relayAddress}/p2p-circuit`] },
    transports: [webSockets(), circuitRelayTransport(), ...(transports as never[])],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    services: {
      identify: identify(),
      ping: ping(),
      pubsub: gossipsub({ allowPublishToZeroTopicPeers: true }),
    },
  })
}

/** Connects a stock peer that reserves nothing. */
export async function connectStockClient(relayAddress: string): Promise<StockClient> {
  const client = await startStockClient()
  await client.dial(multiaddr(relayAddress))
  return client
}
