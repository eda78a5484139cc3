import type { Stream } from '@libp2p/interface'
import { expect, test } from 'vitest'

import { fakeGossipSub, fakePeer } from '../test-support/fake-gossipsub.ts'
import { endBrokenStreams } from './end-broken-streams.ts'

const anna = fakePeer('anna')

/** A stream that breaks when the test says so. */
function setUp() {
  const { fake, inside } = fakeGossipSub()
  endBrokenStreams(inside)
  const broken = Promise.withResolvers<never>()
  async function* messages(): AsyncGenerator {
    yield await broken.promise
  }
  const resets: unknown[] = []
  const begin = () => {
    const rawStream = { abort: (error: unknown) => void resets.push(error) } as unknown as Stream
    fake.streamsInbound.set('anna', { rawStream })
  }
  begin()
  const reading = inside.pipePeerReadStream(anna, messages())
  const breakDown = () => broken.reject(new Error('The frame is too long.'))
  return { reading, begin, breakDown, resets }
}

test('a stream that cannot be read any more is reset, and gossipsub hears why', async () => {
  const { reading, breakDown, resets } = setUp()
  breakDown()
  await expect(reading).rejects.toThrow('The frame is too long.')
  expect(resets).toEqual([new Error('The frame is too long.')])
})

test('one that the peer has replaced is reset too, and ends nothing else', async () => {
  const { reading, begin, breakDown, resets } = setUp()
  begin()
  breakDown()
  await expect(reading).resolves.toBeUndefined()
  expect(resets.length).toBe(1)
})
