// A stock js-libp2p peer for `pnpm bench:mesh`: what its guides put together for browsers that talk through a relay, each part in its default configuration.
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { gossipsub } from '@libp2p/gossipsub'
import { identify, identifyPush } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { webRTC } from '@libp2p/webrtc'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

import { readTask, speakEveryMs, tell, topicName } from './peer-messages.ts'

const { relays, stun, speaks, other, isIdle = false } = readTask()
// By default one slot is asked for at a time, and the first that is given throws the queue away: a peer with two named relays never ends its start.
const circuitRelay = circuitRelayTransport({ reservationConcurrency: relays.length })
const node = await createLibp2p({
  start: false,
  // A relay that is named is never replaced; of those that it meets it takes another.
  addresses: { listen: isIdle ? ['/p2p-circuit'] : [...relays.map(relay => `${relay}/p2p-circuit`), '/webrtc'] },
  // The lab has no servers of others: the STUN server is the one thing that is set.
  transports: [webSockets(), circuitRelay, webRTC({ rtcConfiguration: { iceServers: [{ urls: [stun] }] } })],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionGater: { denyDialMultiaddr: () => false },
  services: { identify: identify(), identifyPush: identifyPush(), ping: ping(), pubsub: gossipsub() },
})
function isWebRtc(address: string): boolean {
  return address.includes('/webrtc/')
}
node.addEventListener('self:peer:update', () => {
  const addresses = node.getMultiaddrs().map(String)
  const address = isIdle ? addresses.at(-1)?.match(/\w+(?=\/p2p-circuit)/)?.[0] : addresses.find(isWebRtc)
  if (address !== undefined) tell({ event: 'reserved', address })
})
node.addEventListener('connection:open', ({ detail }) => {
  const isPeer = detail.direct && detail.remoteAddr.getComponents().some(({ name }) => name === 'webrtc')
  if (isPeer) tell({ event: 'direct' })
})
node.services.pubsub.addEventListener('message', () => tell({ event: 'heard' }))
await node.start()
if (isIdle) for (const relay of relays) await node.dial(multiaddr(relay))
node.services.pubsub.subscribe(topicName)
if (other !== undefined) {
  node.dial(multiaddr(other)).catch((error: unknown) => process.stderr.write(`${String(error)}\n`))
}
if (speaks) {
  let count = 0
  setInterval(() => {
    count = (count + 1) % 2 ** 16
    node.services.pubsub.publish(topicName, new Uint8Array([count >> 8, count & 255])).catch(() => {})
  }, speakEveryMs)
}
