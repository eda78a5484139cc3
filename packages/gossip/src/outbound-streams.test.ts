import type { Connection } from '@libp2p/interface'
import { expect, test } from 'vitest'

import { FakeConnection, fakeGossipSub, fakePeer } from '../test-support/fake-gossipsub.ts'
import { OutboundStreams } from './outbound-streams.ts'

const anna = fakePeer('anna')
const bela = fakePeer('bela')

function setUp(
  isBetter: (connection: Connection, current: Connection | undefined) => boolean = (one, other) => one !== other,
) {
  const { fake, inside } = fakeGossipSub()
  for (const peer of [anna, bela]) fake.peers.set(peer.toString(), peer)
  const known: FakeConnection[] = []
  const connect = () => {
    const fresh = new FakeConnection()
    known.push(fresh)
    return { fresh, connection: fresh as unknown as Connection }
  }
  const streams = new OutboundStreams({
    inside,
    connections: () => known as unknown as Connection[],
    isBetter,
    runOnLimitedConnection: false,
  })
  return { fake, inside, streams, connect }
}

/** Until everything that waits for promises alone has run. */
const settled = () => new Promise(resolve => setImmediate(resolve))

test('the new stream is open before the old one closes', async () => {
  const { fake, streams, connect } = setUp()
  const [first, second] = [connect(), connect()]
  streams.offer(anna, first.connection)
  first.fresh.accept()
  await settled()
  expect(streams.carrierOf(anna)).toBe(first.connection)

  streams.offer(anna, second.connection)
  await settled()
  expect(fake.streamsOutbound.get('anna')?.rawStream).toBe(first.fresh.streams[0])
  expect(first.fresh.closed).toEqual([])
  second.fresh.accept()
  await settled()
  expect(streams.carrierOf(anna)).toBe(second.connection)
  expect(first.fresh.closed).toEqual(first.fresh.streams)
})

test('a peer that does not answer keeps nobody else waiting, and itself only until it has answered', async () => {
  const { inside, streams, connect } = setUp()
  const [silent, other, better] = [connect(), connect(), connect()]
  await inside.createOutboundStream(anna, silent.connection)
  await inside.createOutboundStream(bela, other.connection)
  other.fresh.accept()
  await settled()
  expect(streams.carrierOf(bela)).toBe(other.connection)

  streams.offer(anna, better.connection)
  expect(better.fresh.pending).toBe(0)
  silent.fresh.refuse()
  await settled()
  better.fresh.accept()
  await settled()
  expect(streams.carrierOf(anna)).toBe(better.connection)
})

test('a connection that is no better, or has ended, is left alone', async () => {
  const { streams, connect } = setUp((_, current) => current === undefined)
  const [first, second, ended] = [connect(), connect(), connect()]
  ended.fresh.status = 'closed'
  streams.offer(bela, ended.connection)
  expect(ended.fresh.pending).toBe(0)
  streams.offer(anna, first.connection)
  first.fresh.accept()
  await settled()
  streams.offer(anna, second.connection)
  await settled()
  expect(second.fresh.pending).toBe(0)
})

test('a stream that stands after gossipsub has given the peer up is aborted', async () => {
  const { fake, streams, connect } = setUp()
  const { fresh, connection } = connect()
  streams.offer(anna, connection)
  fake.peers.clear()
  fresh.accept()
  await settled()
  expect(fresh.aborted).toEqual(fresh.streams)
  expect(streams.carrierOf(anna)).toBeUndefined()
})
