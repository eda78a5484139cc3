import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { webRTCDirect } from '@libp2p/webrtc'
import { multiaddr } from '@multiformats/multiaddr'
import { parseWellKnown } from '@tsugi/protocol'
import { type Relay, type RelayEvent, createRelay } from '@tsugi/relay'
import { describe, expect, test } from 'vitest'

import { createStage } from '../test-support/stage.ts'
import { until } from '../test-support/start-relay.ts'
import { startStockClient } from '../test-support/stock-client.ts'

const stage = createStage()
async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tsugi-relay-'))
  stage.defer(() => rm(folder, { recursive: true }))
  return folder
}

describe('stock peers', () => {
  test('[A9] [A10] reserve slots and talk through the relay, on several streams', async () => {
    const { relay, address } = await stage.relay()
    const listener = await stage.reserved(address)
    await until('a circuit address is announced', () =>
      listener.getMultiaddrs().some(each => each.toString().includes('/p2p-circuit')),
    )
    await listener.handle(
      '/echo/1',
      stream => {
        stream.addEventListener('message', event => stream.send(event.data))
      },
      { runOnLimitedConnection: true },
    )
    const caller = await stage.guest(address)
    const connection = await caller.dial(multiaddr(`${address}/p2p-circuit/p2p/${listener.peerId.toString()}`))
    expect(connection.direct).toBe(false)
    const answers = await Promise.all(
      ['one', 'two', 'three'].map(async word => {
        const stream = await connection.newStream('/echo/1', { runOnLimitedConnection: true })
        const answered = new Promise<string>(resolve => {
          stream.addEventListener('message', event => resolve(new TextDecoder().decode(event.data.subarray())))
        })
        stream.send(new TextEncoder().encode(word))
        return answered
      }),
    )
    expect(answers).toEqual(['one', 'two', 'three'])
    expect(relay.stats()).toMatchObject({ peers: 2, circuits: { reservations: 1, circuits: 1 } })
  })

  test('find the protocols that the relay offers', async () => {
    const { relay, address } = await stage.relay()
    const guest = await stage.guest(address)
    const relayId = guest.getPeers()[0]
    if (relayId === undefined) throw new Error('no peer')
    await until('identify is done', async () => (await guest.peerStore.get(relayId)).protocols.length > 0)
    const { protocols } = await guest.peerStore.get(relayId)
    expect(protocols).toEqual(
      expect.arrayContaining([
        '/libp2p/circuit/relay/0.2.0/hop',
        '/tsugi/kad/1.0.0',
        '/meshsub/1.2.0',
        '/ipfs/ping/1.0.0',
      ]),
    )
    await until('the guest is known', () => relay.stats().addressBookPeers === 1)
  })

  test('are forgotten once they have gone', async () => {
    const { relay, address } = await stage.relay()
    const before = relay.stats().addressBookPeers
    expect(before).toBe(0)
    const guest = await stage.reserved(address)
    await until('it is known', () => relay.stats().addressBookPeers === before + 1)
    await guest.stop()
    await until('it is forgotten', () => relay.stats().addressBookPeers === before)
    expect(relay.stats()).toMatchObject({ peers: 0, connections: 0, streams: 0 })
  })
})

describe('WebRTC-direct', () => {
  test('a peer dials the announced address, reserves and shows up', async () => {
    const { relay } = await stage.relay({ udpPort: 0, dataDir: await temporaryFolder() })
    const address = relay.multiaddrs().find(each => each.includes('/webrtc-direct/certhash/'))
    if (address === undefined) throw new Error('no WebRTC-direct address')
    const guest = await startStockClient(undefined, [webRTCDirect()])
    stage.defer(() => guest.stop())
    await guest.dial(multiaddr(address))
    expect(relay.stats().peers).toBe(1)
    const closed = new Promise(resolve => guest.addEventListener('peer:disconnect', resolve, { once: true }))
    await relay.stop()
    await closed
  })

  test('identity and certificate survive a restart, so addresses stay valid', async () => {
    const certificateOf = (relay: Relay): string | undefined =>
      relay
        .multiaddrs()
        .find(each => each.includes('/certhash/'))
        ?.split('/certhash/')[1]
    const dataDir = await temporaryFolder()
    const first = await stage.relay({ udpPort: 0, dataDir })
    const before = certificateOf(first.relay)
    expect(before).toBeDefined()
    await first.stop()
    // Another port: libjuice sometimes keeps the old one until the process ends. In a process of its own: apps/relay, main.test.ts.
    const second = await stage.relay({ udpPort: 0, dataDir })
    expect(certificateOf(second.relay)).toBe(before)
    expect(second.relay.peerId).toBe(first.relay.peerId)
  })

  test('a UDP port that is taken is a clear refusal, and nothing is left behind', async () => {
    const { relay } = await stage.relay({ stunPort: 0 })
    const udpPort = Number(relay.stunAddresses()[0]?.split(':').at(-1))
    const dataDir = await temporaryFolder()
    await expect(stage.relay({ udpPort, dataDir })).rejects.toMatchObject({ code: 'relay/port-taken' })
    await stage.relay({ dataDir })
  })
})

test('[W1] the well-known document is read back whole, and tells the load', async () => {
  const { relay, address } = await stage.relay({ stunPort: 0, limits: { relayTopics: 7 } })
  await stage.reserved(address)
  await until('a slot is held', () => relay.stats().circuits.reservations === 1)
  const read = parseWellKnown(JSON.stringify(relay.wellKnown()))
  expect(read).toMatchObject({
    ok: true,
    value: {
      peerId: relay.peerId,
      multiaddrs: relay.multiaddrs(),
      stun: relay.stunAddresses(),
      apps: 'any',
      limits: { relayTopics: 7 },
      load: { peers: 1, reservations: 1, room: true },
      draining: false,
    },
  })
})

test('events tell who came, who went and what ended', async () => {
  const events: RelayEvent[] = []
  const started = await stage.relay({ onEvent: event => void events.push(event) })
  const { relay, address } = started
  const viaTarget: string[] = []
  relay.events.addEventListener('peer:connect', event => viaTarget.push(event.detail.peer))
  const guest = await stage.guest(address)
  // The guest knows of its connection a moment earlier than the relay.
  await until('it has come', () => viaTarget.length === 1)
  await guest.stop()
  await until('it has gone', () => events.some(each => each.type === 'peer:disconnect'))
  await started.stop()
  expect(events.map(each => each.type)).toEqual(['peer:connect', 'peer:disconnect', 'draining', 'stopped'])
  expect(viaTarget).toEqual([guest.peerId.toString()])
})

test('stop closes every connection, so that peers move on at once, and may be repeated', async () => {
  const { relay, address } = await stage.relay({ stunPort: 0 })
  const guest = await stage.guest(address)
  const closed = new Promise(resolve => guest.addEventListener('peer:disconnect', resolve, { once: true }))
  await Promise.all([relay.stop(), relay.stop()])
  await closed
  await relay.stop()
  expect(guest.getConnections()).toEqual([])
})

test('a way in that the operator’s announcement leaves out is told, with what would announce it', async () => {
  const events: RelayEvent[] = []
  const onEvent = (event: RelayEvent): void => void events.push(event)
  const { relay } = await stage.relay({ announce: ['example.org'], udpPort: 0, onEvent })
  const told = events.filter(({ type }) => type === 'listen:unannounced')
  const missing = expect.stringMatching(/^\/ip4\/<public IP>\/udp\/\d+\/webrtc-direct$/) as string
  expect(told).toMatchObject([{ transport: 'webrtc-direct', missing }])
  expect(relay.stats()).toMatchObject({ unannouncedTransports: ['webrtc-direct'], failedTransports: [] })
})

test('a way in that is announced by the operator gets its certificate’s hash, and nothing is missing', async () => {
  const announce = ['example.org', '/ip4/203.0.113.5/udp/9000/webrtc-direct']
  const { relay } = await stage.relay({ announce, udpPort: 0 })
  expect(relay.multiaddrs().join(' ')).toContain('/ip4/203.0.113.5/udp/9000/webrtc-direct/certhash/')
  expect(relay.stats()).toMatchObject({ unannouncedTransports: [], failedTransports: [] })
})

test('[A13] what the operator announces is what clients are told, in reservations too', async () => {
  const { relay, address } = await stage.relay({ announce: ['example.org', '/ip4/203.0.113.5/tcp/80/ws'] })
  expect(relay.multiaddrs()).toEqual([
    `/dns4/example.org/tcp/443/wss/p2p/${relay.peerId}`,
    `/ip4/203.0.113.5/tcp/80/ws/p2p/${relay.peerId}`,
  ])
  const guest = await stage.reserved(address)
  await until('the reservation’s addresses are taken over', () =>
    guest.getMultiaddrs().some(each => each.toString().startsWith('/dns4/example.org/tcp/443/')),
  )
})

describe('a configuration that cannot be used is refused before anything starts', () => {
  test.each([
    [{ apps: ['NOT AN APP'] }],
    [{ announce: ['http://example.org'] }],
    [{ trustProxy: ['proxy'] }],
    [{ limits: { relayPeers: -1 } }],
  ])('%j', async config => {
    await expect(stage.relay(config)).rejects.toMatchObject({ code: 'relay/invalid-config' })
  })

  test('an HTTP server that does not listen', async () => {
    await expect(createRelay({ httpServer: createServer() })).rejects.toMatchObject({
      code: 'relay/http-not-listening',
    })
  })
})
