import type { GossipSub } from '@libp2p/gossipsub'
import { defaultLimits } from '@tsugi/protocol'
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

function setUp() {
  const gossip = new FakeGossip()
  const router = createGossipRouter({ limits: defaultLimits, apps: 'any', refusals: new Refusals() })
  router.attach(gossip as unknown as GossipSub)
  return { gossip, router }
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
  router.markRelay('relay' as never)
  expect(gossip.subscribed.size).toBe(0)
  gossip.announce('relay', 'u')
  expect(gossip.subscribed.size).toBe(0)
})

test('after detach nothing is followed any more', () => {
  const { gossip, router } = setUp()
  router.detach()
  gossip.announce('guest', 't')
  expect(router.stats().topics).toBe(0)
})
