import { describe, expect, it } from 'vitest'

import { churn, standingTasks } from '../test-support/churn.ts'
import { collectGarbage } from '../test-support/collect-garbage.ts'
import { until } from '../test-support/mesh.ts'
import { startRelay } from '../test-support/start-relay.ts'
import { createPeer } from './index.ts'

/** A peer that has lived and ended, seen only weakly. */
async function liveAndEnd(relay: string): Promise<WeakRef<object>> {
  const peer = await createPeer({ app: 'test', relays: [relay], identity: 'memory', webrtc: false })
  const topic = await peer.topics.join('game')
  await topic.publish(Uint8Array.of(1))
  await peer.stop()
  return new WeakRef(peer)
}

describe('a peer past which others come and go [C11]', () => {
  it('holds a bounded number of everything meanwhile, and nothing of it afterwards', async () => {
    const relay = await startRelay({ limits: { addressPeers: 1_000, addressJoinsPerSecond: 10_000 } })
    const waves = await churn({ relay: relay.url, waves: 2, peers: 5, topics: 10, links: 3, webrtc: false })
    for (const { most, left } of waves) {
      expect(most.links).toBeLessThanOrEqual(6)
      expect(most.topics).toBe(6)
      expect(most.connections).toBeLessThanOrEqual(7)
      // The relay, the lobby, and what runs without end.
      expect(left).toMatchObject({
        connections: 1,
        links: 0,
        topics: 1,
        book: 0,
        stored: 1,
        gossipPeers: 1,
        gossipTopics: 1,
        tasks: standingTasks.length,
      })
    }
  })

  it('is itself forgotten when it has stopped', async () => {
    const relay = await startRelay()
    const ended = [await liveAndEnd(relay.url), await liveAndEnd(relay.url), await liveAndEnd(relay.url)]
    // The last one may be held by whatever the runtime did last.
    await until('collected', async () => {
      await collectGarbage()
      return ended.filter(peer => peer.deref() !== undefined).length <= 1
    })
    expect(ended.filter(peer => peer.deref() !== undefined).length).toBeLessThanOrEqual(1)
  })
})
