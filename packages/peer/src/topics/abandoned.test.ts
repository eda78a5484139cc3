import { describe, expect, it } from 'vitest'

import { collectGarbage } from '../../test-support/collect-garbage.ts'
import { collect, message, openMesh, read, record, until } from '../../test-support/mesh.ts'
import { startRelay } from '../../test-support/start-relay.ts'
import type { MeshPeer } from '../mesh-peer.ts'

const timing = { abandonedAfterMs: 300, sweepMs: 50 }

/** Joins, and keeps nothing of it. */
async function joinAndForget(peer: MeshPeer, name: string): Promise<void> {
  await peer.topics.join(name)
}

describe('a handle that nobody uses any more [C2]', () => {
  it('is left when the application has dropped it, and the overlay with it', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const peer = await mesh.peer([relay.url], { webrtc: false })
    await until('ready', () => peer.state === 'ready')
    const abandoned = record(peer, 'topic:abandoned')
    await joinAndForget(peer, 'dropped')
    const kept = await peer.topics.join('kept')
    const seen = read(await peer.topics.join('read'))
    await until('the relay is on it', () => relay.relay.stats().gossip.topics === 3)
    await until('found', async () => {
      await collectGarbage()
      return abandoned.length > 0
    })
    expect(abandoned).toEqual([{ topic: 'dropped', handle: 'dropped#1', why: 'collected' }])
    // Whoever reads is there, also when nothing but the loop holds the handle.
    expect(peer.topics.list()).toEqual(['kept', 'read'])
    await until('the relay has left it', () => relay.relay.stats().gossip.topics === 2)
    expect([kept.isOpen, seen]).toEqual([true, []])
  })

  it('is left some time after its loop was, unless it is read or published on again', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const a = await mesh.peer([relay.url], { webrtc: false })
    const b = await mesh.peer([relay.url], { webrtc: false }, {}, timing)
    await until('ready', () => a.state === 'ready' && b.state === 'ready')
    const topicA = await a.topics.join('game')
    const [left, unread] = [await b.topics.join('game'), await b.topics.join('game')]
    const again = await b.topics.join('game')
    const abandoned = record(b, 'topic:abandoned')
    await topicA.publish(message(1))
    await Promise.all([collect(left, 1), collect(again, 1)])
    const reading = read(again)
    await until('left', () => abandoned.length > 0)
    expect(abandoned).toEqual([{ topic: 'game', handle: left.id, why: 'unread' }])
    await topicA.publish(message(2))
    await until('read again', () => reading.includes(2))
    // Who has not begun to read has not ended either.
    expect([left.isOpen, unread.isOpen, again.isOpen]).toEqual([false, true, true])
    expect((await collect(unread, 2)).map(({ data }) => data[0])).toEqual([1, 2])
  })
})
