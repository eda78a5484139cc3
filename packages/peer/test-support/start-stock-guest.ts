import { type GossipSub, gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import type { PrivateKey } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { type Announcement, decodeAnnouncement, encodeAnnouncement } from '@tsugi/protocol'
import { type Libp2p, createLibp2p } from 'libp2p'
import { onTestFinished } from 'vitest'

import type { TestRelay } from './start-relay.ts'

/** A stock libp2p application on a topic of ours. */
export interface StockGuest {
  readonly id: string
  /** The announcements that it has heard. */
  readonly heard: readonly Announcement[]
  /** Says “here”, as a peer of ours does; asks whom it names. */
  announce(ask?: readonly string[]): Promise<unknown>
  /** Goes without a word, as a tab that is closed. */
  vanish(): Promise<void>
}

/** Starts one that is connected to a relay of ours; it ends with its test. */
export async function startStockGuest(
  { relay, port }: TestRelay,
  wireTopic: string,
  privateKey?: PrivateKey,
): Promise<StockGuest> {
  const node: Libp2p<{ pubsub: GossipSub }> = await createLibp2p({
    ...(privateKey !== undefined && { privateKey }),
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    services: { identify: identify(), pubsub: gossipsub({ allowPublishToZeroTopicPeers: true }) },
  })
  onTestFinished(() => Promise.resolve(node.stop()))
  const heard: Announcement[] = []
  node.services.pubsub.addEventListener('message', ({ detail }) => {
    const announcement = decodeAnnouncement(detail.data)
    if (announcement.ok) heard.push(announcement.value)
  })
  node.services.pubsub.subscribe(wireTopic)
  await node.dial(multiaddr(`/ip4/127.0.0.1/tcp/${port}/ws/p2p/${relay.peerId}`))
  return {
    id: node.peerId.toString(),
    heard,
    announce: (ask = []) =>
      node.services.pubsub.publish(wireTopic, encodeAnnouncement({ kind: 'here', addresses: [], ask })),
    vanish: () => Promise.resolve(node.stop()),
  }
}
