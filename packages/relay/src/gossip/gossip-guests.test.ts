import type { GossipSub } from '@libp2p/gossipsub'
import { type Limits, defaultLimits } from '@tsugi/protocol'
import { expect, test } from 'vitest'

import { Refusals } from '../refusals.ts'
import { createGossipRouter } from './gossip-router.ts'

/** Gossipsub as far as the router follows it. */
class FakeGossip extends EventTarget {
  readonly subscribed = new Set<string>()
  readonly subscribers = new Map<string, string[]>()

  subscribe(topic: string): void {
    this.subscribed.add(topic)
  }
  unsubscribe(topic: string): void {
    this.subscribed.delete(topic)
  }
  getSubscribers(topic: string): string[] {
    return this.subscribers.get(topic) ?? []
  }
  announce(peerId: string, topic: string, subscribe = true): void {
    this.subscribers.set(topic, subscribe ? [peerId] : [])
    this.dispatchEvent(
      new CustomEvent('subscription-change', { detail: { peerId, subscriptions: [{ topic, subscribe }] } }),
    )
  }
  beat(times: number): void {
    for (let index = 0; index < times; index += 1) this.dispatchEvent(new CustomEvent('gossipsub:heartbeat'))
  }
}

const silent = Object.assign(() => {}, { error: () => {}, trace: () => {}, enabled: false })

function setUp(limits: Partial<Limits> = {}) {
  const gossip = new FakeGossip()
  const closed: string[] = []
  const router = createGossipRouter({
    limits: { ...defaultLimits, ...limits },
    apps: 'any',
    refusals: new Refusals(),
    onUnreachable: peer => void closed.push(peer),
  })
  /** The tables of a gossipsub that never starts: what it would know of its peers. */
  const inside = router.service({ logger: { forComponent: () => silent } } as never) as unknown as {
    topics: Map<string, Set<string>>
    streamsOutbound: Map<string, object>
    selectPeersToForward(topic: string, source?: string): Set<string>
  }
  router.attach(gossip as unknown as GossipSub)
  return { gossip, router, inside, closed }
}

test('a guest whose gossip stream broke while its connection stands is noticed, and its topic left', () => {
  const { gossip, router } = setUp()
  gossip.announce('guest', 't')
  gossip.beat(20)
  expect(gossip.subscribed).toEqual(new Set(['t']))
  gossip.subscribers.clear()
  gossip.beat(10)
  expect(gossip.subscribed.size).toBe(0)
  expect(router.stats().topics).toBe(0)
})

test('two relays do not keep each other’s topics alive: a relay is no guest', () => {
  const { gossip, router } = setUp()
  gossip.announce('relay', 't')
  router.addRelay('relay')
  expect(gossip.subscribed.size).toBe(0)
  gossip.announce('relay', 'u')
  expect(gossip.subscribed.size).toBe(0)
})

test('a relay without a gossip stream is let go for a while, so that it comes back with one', () => {
  const { gossip, router, closed } = setUp()
  router.addRelay('relay')
  gossip.beat(20)
  expect(closed).toEqual(['relay'])
})

test('relayTopics: a topic that found no room gets it once another has left', () => {
  const { gossip, inside } = setUp({ relayTopics: 1 })
  gossip.announce('one', 't')
  gossip.announce('two', 'u')
  inside.topics.set('u', new Set(['two']))
  gossip.beat(10)
  expect(gossip.subscribed).toEqual(new Set(['t']))
  gossip.announce('one', 't', false)
  gossip.beat(10)
  expect(gossip.subscribed).toEqual(new Set(['u']))
})

test('a guest that cannot be told anything for two checks is let go, one that can is not', () => {
  const { gossip, inside, closed } = setUp()
  gossip.announce('slow', 't')
  gossip.announce('fine', 'u')
  inside.streamsOutbound.set('fine', {})
  gossip.beat(10)
  expect(closed).toEqual([])
  gossip.beat(10)
  expect(closed).toEqual(['slow'])
})

test('after detach nothing is followed any more', () => {
  const { gossip, router } = setUp()
  router.detach()
  gossip.announce('guest', 't')
  expect(router.stats().topics).toBe(0)
})

test('what a relay sent goes on to every guest and to three other relays; what a guest sent goes to all of them', () => {
  const { router, inside } = setUp()
  const relays = Array.from({ length: 10 }, (_, index) => `relay${index}`)
  const everybody = [...relays, 'one', 'two']
  for (const relay of relays) router.addRelay(relay)
  inside.topics.set('t', new Set(everybody))
  for (const peer of everybody) inside.streamsOutbound.set(peer, {})
  const forward = (source: string) => [...inside.selectPeersToForward('t', source)]
  expect(forward('one')).toEqual([...relays, 'two'])
  expect(forward('relay0')).toEqual(['relay1', 'relay2', 'relay3', 'one', 'two'])
})
