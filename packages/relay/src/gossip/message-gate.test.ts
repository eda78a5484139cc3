import { defaultLimits } from '@tsugi/protocol'
import { expect, test } from 'vitest'

import { MessageGate } from './message-gate.ts'

const me = Uint8Array.of(1, 2, 3)
const other = Uint8Array.of(9, 9, 9)

function setUp(limits: Partial<typeof defaultLimits> = {}) {
  const clock = { now: 0 }
  const gate = new MessageGate({
    limits: { ...defaultLimits, ...limits },
    hasTopic: topic => topic === 'known',
    now: () => clock.now,
  })
  const send = (from: Uint8Array, bytes = 10, topic = 'known') =>
    gate.check('me', me, { topic, data: new Uint8Array(bytes), from })
  return { gate, send, clock }
}

test('a message on a topic that the relay is not on is not looked at', () => {
  expect(setUp().send(me, 10, 'unknown')).toBe('message/unknown-topic')
})

test('gameMessageBytes: the greatest size passes, one byte more does not', () => {
  const { send } = setUp()
  expect(send(me, 64 * 1_024)).toBeUndefined()
  expect(send(me, 64 * 1_024 + 1)).toBe('message/too-large')
})

test('peerMessagesPerSecond: the burst passes, then the rate holds, and time gives it back', () => {
  const { send, clock } = setUp({ peerMessagesPerSecond: 10, peerMessageBurst: 20 })
  const passed = Array.from({ length: 30 }, () => send(me)).filter(each => each === undefined)
  expect(passed.length).toBe(20)
  expect(send(me)).toBe('message/rate')
  clock.now += 1_000
  expect(Array.from({ length: 15 }, () => send(me)).filter(each => each === undefined).length).toBe(10)
})

test('what a peer forwards does not use up what it may say itself, and is bounded too', () => {
  const { send } = setUp({ peerMessagesPerSecond: 1, peerMessageBurst: 2, gamePeers: 4 })
  const forwarded = Array.from({ length: 10 }, () => send(other))
  expect(forwarded.filter(each => each === undefined).length).toBe(6)
  expect(forwarded.at(-1)).toBe('message/forward-rate')
  expect(send(me)).toBeUndefined()
})

test('a sender that is forgotten starts anew', () => {
  const { gate, send } = setUp({ peerMessagesPerSecond: 1, peerMessageBurst: 1 })
  send(me)
  expect(send(me)).toBe('message/rate')
  gate.forget('me')
  expect(send(me)).toBeUndefined()
})

test('fellowMessagesPerSecond: what a fellow relay forwards has an allowance of its own', () => {
  const gate = new MessageGate({
    limits: { ...defaultLimits, peerMessagesPerSecond: 0, peerMessageBurst: 1, fellowMessagesPerSecond: 50 },
    hasTopic: () => true,
    isRelay: sender => sender === 'relay',
    now: () => 0,
  })
  const passed = (sender: string) =>
    Array.from({ length: 200 }, () => gate.check(sender, me, { topic: 'known', from: other })).filter(
      refused => refused === undefined,
    ).length
  expect(passed('guest')).toBe(9)
  expect(passed('relay')).toBe(100)
  expect(gate.check('relay', me, { topic: 'known', from: other })).toBe('message/forward-rate')
})
