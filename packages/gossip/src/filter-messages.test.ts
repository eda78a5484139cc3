import { expect, test } from 'vitest'

import { fakeGossipSub, fakePeer } from '../test-support/fake-gossipsub.ts'
import { filterMessages } from './filter-messages.ts'

test('what is not kept is not handled, and topics are known before the messages that came with them are judged', async () => {
  const { fake, inside } = fakeGossipSub()
  const done: string[] = []
  fake.handleReceivedRpc = ((_: unknown, rpc: { subscriptions: unknown[]; messages: { topic: string }[] }) => {
    done.push(...rpc.subscriptions.map(each => `subscribe ${String(each)}`))
    done.push(...rpc.messages.map(({ topic }) => `handle ${topic}`))
    return Promise.resolve()
  }) as never
  filterMessages(inside, (_, { topic }) => {
    done.push(`judge ${topic}`)
    return topic === 'good'
  })
  await inside.handleReceivedRpc(fakePeer('anna'), {
    subscriptions: ['good'],
    messages: [{ topic: 'good' }, { topic: 'bad' }],
  })
  expect(done).toEqual(['subscribe good', 'judge good', 'judge bad', 'handle good'])
})
