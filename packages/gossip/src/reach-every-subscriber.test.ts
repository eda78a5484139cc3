import { expect, test } from 'vitest'

import { fakeGossipSub } from '../test-support/fake-gossipsub.ts'
import { reachEverySubscriber } from './reach-every-subscriber.ts'

function subscribed(...names: string[]) {
  const { fake, inside } = fakeGossipSub()
  fake.topics.set('t', new Set(names))
  for (const name of names) fake.streamsOutbound.set(name, {} as never)
  return { fake, inside }
}

test('every subscriber with a stream gets a message, but whoever sent it and whoever has it', () => {
  const { fake, inside } = subscribed('anna', 'bela', 'cleo', 'dora')
  fake.streamsOutbound.delete('dora')
  reachEverySubscriber(inside)
  expect([...inside.selectPeersToForward('t', 'anna', new Set(['bela']))]).toEqual(['cleo'])
  expect([...inside.selectPeersToForward('nobody is here')]).toEqual([])
})

test('whose turn it is not is passed over, counted anew for each message', () => {
  const { inside } = subscribed('anna', 'bela', 'cleo')
  reachEverySubscriber(inside, () => {
    let left = 2
    return () => (left -= 1) >= 0
  })
  expect([...inside.selectPeersToForward('t')]).toEqual(['anna', 'bela'])
  expect([...inside.selectPeersToForward('t')]).toEqual(['anna', 'bela'])
})
