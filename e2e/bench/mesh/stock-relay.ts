// A stock js-libp2p relay for `pnpm bench:mesh`, in its default configuration. `node stock-relay.ts <address> <port> <seed in hex>`; prints its multiaddr.
import { circuitRelayServer } from '@libp2p/circuit-relay-v2'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'

const [address = '127.0.0.1', port = '0', seed = ''] = process.argv.slice(2)
const node = await createLibp2p({
  privateKey: await generateKeyPairFromSeed('Ed25519', Buffer.from(seed, 'hex')),
  addresses: { listen: [`/ip4/${address}/tcp/${port}/ws`] },
  transports: [webSockets()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  services: { identify: identify(), ping: ping(), relay: circuitRelayServer() },
})
process.stdout.write(`${node.getMultiaddrs()[0]?.toString() ?? ''}\n`)
