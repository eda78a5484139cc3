import { describe, expect, test } from 'vitest'

import { createStage } from '../../test-support/stage.ts'
import { type TestRelay, until } from '../../test-support/start-relay.ts'
import type { StockClient } from '../../test-support/stock-client.ts'

const stage = createStage()
const topic = '/tsugi/1/default/room'
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const bytes = (message: string) => new TextEncoder().encode(message)

/** Collects what a peer hears. */
function listen(node: StockClient): string[] {
  const heard: string[] = []
  node.services.pubsub.addEventListener('message', ({ detail }) => heard.push(text(detail.data)))
  return heard
}
const knowsRelay = (node: StockClient, relay: TestRelay, name = topic) =>
  node.services.pubsub.getSubscribers(name).some(peer => peer.toString() === relay.relay.peerId)

async function join(node: StockClient, relay: TestRelay, name = topic): Promise<void> {
  node.services.pubsub.subscribe(name)
  await until('the relay says that it is on the topic', () => knowsRelay(node, relay, name))
}

describe('the route', () => {
  test('a subscriber hears the first message that is published after it joined', async () => {
    const relay = await stage.relay()
    const [one, two] = [await stage.guest(relay.address), await stage.guest(relay.address)]
    const heard = listen(two)
    await join(one, relay)
    await join(two, relay)
    const { recipients } = await one.services.pubsub.publish(topic, bytes('first'))
    expect(recipients.map(String)).toEqual([relay.relay.peerId])
    await until('it is heard', () => heard.includes('first'))
  })

  test('leaving and joining again is not silent: gossipsub’s backoff does not stop the route', async () => {
    const relay = await stage.relay()
    const [one, two] = [await stage.guest(relay.address), await stage.guest(relay.address)]
    const heard = listen(two)
    const heardByOne = listen(one)
    for (const node of [one, two]) {
      await join(node, relay)
      await join(node, relay, '/tsugi/1/default/lobby')
    }
    await one.services.pubsub.publish(topic, bytes('before'))
    await until('it is heard', () => heard.includes('before'))
    two.services.pubsub.unsubscribe(topic)
    // What `two` says follows its subscriptions on the same stream: once it is heard, the relay knows both.
    await new Promise(resolve => setImmediate(resolve))
    await two.services.pubsub.publish('/tsugi/1/default/lobby', bytes('gone'))
    await until('the one who left is heard elsewhere', () => heardByOne.includes('gone'))
    await join(two, relay)
    await two.services.pubsub.publish(topic, bytes('back'))
    await until('the returned one is heard', () => heardByOne.includes('back'))
    await one.services.pubsub.publish(topic, bytes('after'))
    // The second message arrives by the mesh in any case. The first must not come later, by gossipsub's repetitions.
    await one.services.pubsub.publish('/tsugi/1/default/lobby', bytes('marker'))
    await until('the marker is heard', () => heard.includes('marker'))
    expect(heard).toEqual(['before', 'after', 'marker'])
  })

  test('everybody on a topic hears, also far more than a mesh of gossipsub holds', async () => {
    const relay = await stage.relay({ limits: { addressJoinsPerSecond: 1_000 } })
    const guests = await Promise.all(Array.from({ length: 16 }, () => stage.guest(relay.address)))
    const heard = guests.map(listen)
    for (const guest of guests) await join(guest, relay)
    await guests[0]?.services.pubsub.publish(topic, bytes('all'))
    await until('all heard it', () => heard.slice(1).every(each => each.includes('all')))
    expect(heard.slice(1).every(each => each.filter(message => message === 'all').length === 1)).toBe(true)
  })

  test('only the subscribers of a topic hear that it exists', async () => {
    const relay = await stage.relay()
    const [player, stranger] = [await stage.guest(relay.address), await stage.guest(relay.address)]
    await join(stranger, relay, '/tsugi/1/default/other')
    await join(player, relay)
    player.services.pubsub.unsubscribe(topic)
    await until('the topic is gone', () => relay.relay.stats().gossip.topics === 1)
    await join(player, relay)
    expect(stranger.services.pubsub.getSubscribers(topic)).toEqual([])
  })
})

describe('topics of the relay', () => {
  test('the count returns to zero when guests leave, and when they vanish', async () => {
    const relay = await stage.relay()
    const [one, two] = [await stage.guest(relay.address), await stage.guest(relay.address)]
    await join(one, relay)
    await join(two, relay, '/tsugi/1/default/other')
    expect(relay.relay.stats().gossip.topics).toBe(2)
    one.services.pubsub.unsubscribe(topic)
    await until('one is left', () => relay.relay.stats().gossip.topics === 1)
    await two.stop()
    await until('none is left', () => relay.relay.stats().gossip.topics === 0)
  })

  test('relayTopics: a topic beyond the ceiling is not routed, and counted', async () => {
    const relay = await stage.relay({ limits: { relayTopics: 1 } })
    const guest = await stage.guest(relay.address)
    await join(guest, relay)
    guest.services.pubsub.subscribe('/tsugi/1/default/second')
    await until('it is refused', () => relay.relay.stats().refusals['topic/relay-limit'] === 1)
    expect(relay.relay.stats().gossip.topics).toBe(1)
  })

  test('apps: topics of an app that is not served are not routed', async () => {
    const relay = await stage.relay({ apps: ['chess'] })
    const guest = await stage.guest(relay.address)
    guest.services.pubsub.subscribe(topic)
    await until('it is refused', () => relay.relay.stats().refusals['topic/app'] === 1)
    await join(guest, relay, '/tsugi/1/chess/room')
    expect(relay.relay.stats().gossip.topics).toBe(1)
  })
})

describe('messages', () => {
  test('what comes on a topic that its last guest has just left is counted as late, and refused nobody', async () => {
    const relay = await stage.relay()
    const guest = await stage.guest(relay.address)
    await join(guest, relay)
    await join(guest, relay, '/tsugi/1/default/lobby')
    // Says it at once, before it has heard that the relay leaves too.
    guest.services.pubsub.unsubscribe(topic)
    await guest.services.pubsub.publish(topic, bytes('a last word'))
    await until('it has come', () => relay.relay.stats().gossip.lateMessages === 1)
    expect(relay.relay.stats().refusals).toEqual({})
  })

  test('gameMessageBytes: a message that is too large goes nowhere, and the next one is heard', async () => {
    const relay = await stage.relay({ limits: { gameMessageBytes: 1_000 } })
    const [one, two] = [await stage.guest(relay.address), await stage.guest(relay.address)]
    const heard = listen(two)
    await join(one, relay)
    await join(two, relay)
    await one.services.pubsub.publish(topic, new Uint8Array(1_001))
    await one.services.pubsub.publish(topic, bytes('small'))
    await until('the small one is heard', () => heard.includes('small'))
    expect(heard).toEqual(['small'])
    expect(relay.relay.stats().refusals['message/too-large']).toBe(1)
  })

  test('peerMessagesPerSecond: a flood is cut at the burst', async () => {
    const relay = await stage.relay({ limits: { peerMessagesPerSecond: 0, peerMessageBurst: 5 } })
    const [one, two] = [await stage.guest(relay.address), await stage.guest(relay.address)]
    const heard = listen(two)
    await join(one, relay)
    await join(two, relay)
    for (let index = 0; index < 12; index += 1) await one.services.pubsub.publish(topic, bytes(`m${index}`))
    await until('the rest is refused', () => relay.relay.stats().refusals['message/rate'] === 7)
    await until('the burst is heard', () => heard.length === 5)
    expect(heard).toEqual(['m0', 'm1', 'm2', 'm3', 'm4'])
  })
})
