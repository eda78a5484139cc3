import { generateKeyPair } from '@libp2p/crypto/keys'
import { wireTopic } from '@tsugi/protocol'
import type { AppId, TopicName } from '@tsugi/protocol'
import { describe, expect, it } from 'vitest'

import { openMesh, record, until, stay } from '../../test-support/mesh.ts'
import { startRelay } from '../../test-support/start-relay.ts'
import { startStockGuest } from '../../test-support/start-stock-guest.ts'

const timing = { askAfterMs: 300, answerMs: 5_000 }
const topic = wireTopic('test' as AppId, 'game' as TopicName)

describe('a peer that only the relay’s route reaches', () => {
  it('is found gone when it left without a word, because it does not answer [T6]', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const a = await mesh.peer([relay.url], { webrtc: false }, timing)
    const topicA = await stay(a, 'game')
    const guest = await startStockGuest(relay, topic)
    await until('seen', async () => {
      await guest.announce()
      return topicA.peers.some(peer => peer === guest.id)
    })
    const changes = record(a, 'link:change')
    const left = record(a, 'topic:peers')
    await guest.vanish()
    await until('gone', () => topicA.peers.length === 0)
    expect(left.at(-1)).toMatchObject({ peers: [], left: [guest.id] })
    expect(changes[0]).toMatchObject({ kind: 'none', previous: 'relayed', reason: 'it does not answer any more' })
    await until('forgotten', () => a.links.list().length === 0)
  })

  it('stays when it answers, however silent it is otherwise', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const options = { webrtc: false, limits: { peerCircuits: 0 } }
    const [a, b] = [await mesh.peer([relay.url], options, timing), await mesh.peer([relay.url], options, timing)]
    const [topicA, topicB] = [await stay(a, 'game'), await stay(b, 'game')]
    await until('met', () => topicA.peers.includes(b.id) && topicB.peers.includes(a.id))
    const changes = record(a, 'topic:peers')
    const witness = await startStockGuest(relay, topic)
    await until('asked again and again', () => witness.heard.filter(({ ask }) => ask !== undefined).length >= 4)
    expect(changes).toEqual([])
    expect(a.links.get(b.id)?.state).toBe('routed')
  })

  it('is answered at once when it comes anew, though it never left [T7]', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const a = await mesh.peer([relay.url], { webrtc: false })
    const topicA = await stay(a, 'game')
    const key = await generateKeyPair('Ed25519')
    const before = await startStockGuest(relay, topic, key)
    await until('seen', async () => {
      await before.announce()
      return topicA.peers.some(peer => peer === before.id)
    })
    await before.vanish()
    const after = await startStockGuest(relay, topic, key)
    const witness = await startStockGuest(relay, topic)
    await until('the guest is on the topic again', async () => {
      await after.announce([after.id])
      return witness.heard.length > 0
    })
    await until('answered', () => after.heard.length > 0, 5_000)
    expect(topicA.peers).toEqual([before.id])
  })
})
