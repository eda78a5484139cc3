// A peer of ours for `pnpm bench:mesh`, as its README shows it.
import { createPeer } from '@tsugi/peer'

import { readTask, speakEveryMs, tell, topicName } from './peer-messages.ts'

const { relays, speaks, isIdle = false } = readTask()
const peer = await createPeer({ app: 'bench', relays, ...(isIdle && { slots: 1 }) })
peer.addEventListener('relay:change', ({ detail }) => {
  if (detail.change === 'reserved') tell({ event: 'reserved', address: detail.relay.peerId ?? '' })
})
peer.addEventListener('link:change', ({ detail }) => {
  if (detail.kind === 'direct') tell({ event: 'direct' })
})
if (!isIdle) {
  const topic = await peer.topics.join(topicName)
  if (speaks) {
    let count = 0
    setInterval(() => {
      count = (count + 1) % 2 ** 16
      topic.publish(new Uint8Array([count >> 8, count & 255])).catch(() => {})
    }, speakEveryMs)
  }
  for await (const _message of topic) tell({ event: 'heard' })
}
