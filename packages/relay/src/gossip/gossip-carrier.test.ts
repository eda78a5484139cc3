import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'

import { createStage } from '../../test-support/stage.ts'
import { until } from '../../test-support/start-relay.ts'

const stage = createStage()
const topic = '/tsugi/1/default/room'
const isGossip = ({ protocol }: { protocol: string }): boolean => protocol.startsWith('/meshsub/')

/** Whether the relay speaks gossip on this connection of a guest’s. */
const hearsOn = (connection: Connection): boolean =>
  connection.streams.some(stream => isGossip(stream) && stream.direction === 'inbound')

test('B10: a guest that is back on another connection hears there, while the old one is still taken for alive', async () => {
  const relay = await stage.relay()
  const guest = await stage.guest(relay.address)
  guest.services.pubsub.subscribe(topic)
  const [old] = guest.getConnections()
  if (old === undefined) throw new Error('The guest has no connection.')
  await until('the relay speaks on the first connection', () => hearsOn(old))
  const fresh = await guest.dial(multiaddr(relay.address), { force: true })
  expect(fresh.id).not.toBe(old.id)
  // What a guest does whose gossip moves to the connection that works.
  const stream = await fresh.newStream('/meshsub/1.2.0')
  await until('the relay speaks on the new connection', () => hearsOn(fresh))
  expect(old.status).toBe('open')
  await stream.close()

  // And when that one ends, on the one that is left.
  const before = new Set(old.streams.map(({ id }) => id))
  await fresh.close()
  await until('the relay speaks on the first connection again', () =>
    old.streams.some(each => isGossip(each) && each.direction === 'inbound' && !before.has(each.id)),
  )
})
