import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, expect, test } from 'vitest'

import { startRelay, until } from '../test-support/start-relay.ts'
import { type StockClient, connectStockClient, startStockClient } from '../test-support/stock-client.ts'

const cleanups: Array<() => unknown> = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function relayFor(config: Parameters<typeof startRelay>[0] = {}) {
  const started = await startRelay(config)
  cleanups.push(() => started.stop())
  return started
}
async function client(started: Promise<StockClient>): Promise<StockClient> {
  const node = await started
  cleanups.push(() => node.stop())
  return node
}

test('two stock peers reserve slots and talk through the relay', async () => {
  const { relay, address } = await relayFor()
  const listener = await client(startStockClient(address))
  await until('a circuit address is announced', () =>
    listener.getMultiaddrs().some(each => String(each).includes('/p2p-circuit')),
  )
  await listener.handle(
    '/echo/1',
    stream => {
      stream.addEventListener('message', event => stream.send(event.data))
    },
    { runOnLimitedConnection: true },
  )
  const caller = await client(connectStockClient(address))
  const connection = await caller.dial(multiaddr(`${address}/p2p-circuit/p2p/${listener.peerId.toString()}`))
  expect(connection.direct).toBe(false)
  const stream = await connection.newStream('/echo/1', { runOnLimitedConnection: true })
  const answered = new Promise<string>(resolve => {
    stream.addEventListener('message', event => resolve(new TextDecoder().decode(event.data.subarray())))
  })
  stream.send(new TextEncoder().encode('hello'))
  expect(await answered).toBe('hello')
  expect(relay.stats()).toMatchObject({ peers: 2, circuits: { reservations: 1, circuits: 1 } })
})

test('gossip flows between two stock peers that know only the relay, from the first message on', async () => {
  const { relay, address } = await relayFor()
  const [one, two] = await Promise.all([client(connectStockClient(address)), client(connectStockClient(address))])
  const received: string[] = []
  two.services.pubsub.addEventListener('message', ({ detail }) => received.push(new TextDecoder().decode(detail.data)))
  one.services.pubsub.subscribe('/tsugi/1/default/room')
  two.services.pubsub.subscribe('/tsugi/1/default/room')
  await until(
    'both are known on the topic',
    () => relay.stats().gossip.topics === 1 && one.services.pubsub.getSubscribers('/tsugi/1/default/room').length === 1,
  )
  await until('the message arrives', async () => {
    if (received.length === 0)
      await one.services.pubsub.publish('/tsugi/1/default/room', new TextEncoder().encode('move'))
    return received.includes('move')
  })
  one.services.pubsub.unsubscribe('/tsugi/1/default/room')
  two.services.pubsub.unsubscribe('/tsugi/1/default/room')
  await until('the relay leaves the topic', () => relay.stats().gossip.topics === 0)
  expect(received).toContain('move')
})
