import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { parseWellKnown } from '@tsugi/protocol'
import { type RelayConfig, type RelayEvent, createRelay } from '@tsugi/relay'
import { describe, expect, test } from 'vitest'

import { createStage } from '../../test-support/stage.ts'
import { type TestRelay, startRelay, until } from '../../test-support/start-relay.ts'
import type { StockClient } from '../../test-support/stock-client.ts'

const stage = createStage()
const topic = '/tsugi/1/default/room'
const bytes = (message: string) => new TextEncoder().encode(message)

function listen(node: StockClient): string[] {
  const heard: string[] = []
  node.services.pubsub.addEventListener('message', ({ detail }) => heard.push(new TextDecoder().decode(detail.data)))
  return heard
}

/** A relay that serves its description, and can be named by URL. */
async function relayWithPage(
  config: Partial<RelayConfig> & { port?: number } = {},
): Promise<TestRelay & { url: string }> {
  let started: TestRelay | undefined
  const server = createServer((_request, response) => void response.end(JSON.stringify(started?.relay.wellKnown())))
  await new Promise<void>(resolve => server.listen(config.port ?? 0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const relay = await createRelay({ httpServer: server, ...config })
  started = {
    relay,
    server,
    port,
    address: `/ip4/127.0.0.1/tcp/${port}/ws/p2p/${relay.peerId}`,
    async stop() {
      await relay.stop()
      server.closeAllConnections()
      await new Promise<void>(resolve => void server.close(() => resolve()))
    },
  }
  stage.defer(() => started?.stop())
  return { ...started, url: `http://127.0.0.1:${port}` }
}

const fellows = (relay: TestRelay) => relay.relay.stats().relays.connected
const hintsOf = (relay: TestRelay) => relay.relay.wellKnown().relays ?? []

describe('relays that know each other', () => {
  test('a relay that is named by URL is met, and its guests are sent to it [B9]', async () => {
    const b = await relayWithPage({ region: 'Osaka' })
    const a = await relayWithPage({ relays: [b.url], region: 'Tokyo' })
    await until('they have met', () => fellows(a) === 1)
    expect(a.relay.stats().relays).toEqual({ known: 1, connected: 1 })
    expect(hintsOf(a)).toEqual([b.url])
    expect(a.relay.wellKnown().region).toBe('Tokyo')
    expect(parseWellKnown(JSON.stringify(a.relay.wellKnown()))).toMatchObject({ ok: true })
  })

  test('a relay that is named by multiaddr is met', async () => {
    const b = await stage.relay()
    const a = await stage.relay({ relays: [b.address] })
    await until('they have met', () => fellows(a) === 1)
    expect(hintsOf(a)).toEqual([`http://127.0.0.1:${b.port}`])
  })

  test('a relay named by its peer id alone is a fellow as soon as it comes', async () => {
    const free = await startRelay()
    await free.stop()
    const a = await stage.relay({ relays: [`http://127.0.0.1:${free.port}`] })
    const b = await stage.relay({ port: free.port, relays: [`/p2p/${a.relay.peerId}`], discover: false })
    await until('they have met', () => fellows(a) === 1 && fellows(b) === 1)
    expect(b.relay.stats().relays).toEqual({ known: 1, connected: 1 })
  })

  test('a relay that names itself meets nobody', async () => {
    const first = await relayWithPage()
    await first.stop()
    const events: RelayEvent[] = []
    const again = await relayWithPage({ port: first.port, relays: [first.url], onEvent: event => events.push(event) })
    const b = await relayWithPage({ relays: [again.url] })
    await until('the other one has met it', () => fellows(b) === 1)
    expect(fellows(again)).toBe(0)
    expect(events.filter(({ type }) => type === 'relay:joined')).toEqual([])
  })

  test('a relay that comes up later, goes and comes back is met again [B10]', async () => {
    const b = await relayWithPage()
    await b.stop()
    const events: RelayEvent[] = []
    const a = await relayWithPage({ relays: [b.url], onEvent: event => events.push(event) })
    await until('it was tried', () => events.some(({ type }) => type === 'relay:unreachable'))
    const again = await relayWithPage({ port: b.port })
    await until('met', () => fellows(a) === 1)
    await again.stop()
    await until('gone', () => fellows(a) === 0)
    expect(hintsOf(a)).toEqual([])
    const other = await relayWithPage({ port: b.port })
    await until('met again, with another identity', () => fellows(a) === 1)
    expect(events.findLast(({ type }) => type === 'relay:joined')).toMatchObject({
      peer: other.relay.peerId,
      name: b.url,
    })
  })
})

describe('one mesh', () => {
  /** Two relays that name each other. */
  async function pair(config: Partial<RelayConfig> = {}): Promise<[TestRelay, TestRelay]> {
    const first = await startRelay()
    await first.stop()
    const b = await relayWithPage({ relays: [`http://127.0.0.1:${first.port}`], ...config })
    const a = await relayWithPage({ port: first.port, relays: [b.url], ...config })
    await until('they have met', () => fellows(a) === 1 && fellows(b) === 1)
    return [a, b]
  }

  test('players on different relays hear each other, each message once [B9]', async () => {
    const [a, b] = await pair()
    const [black, white] = [await stage.guest(a.address), await stage.guest(b.address)]
    const [heardBlack, heardWhite] = [listen(black), listen(white)]
    black.services.pubsub.subscribe(topic)
    white.services.pubsub.subscribe(topic)
    await until('both relays are on it', () => [a, b].every(each => each.relay.stats().gossip.topics === 1))
    let sent = 0
    await until('white hears', async () => {
      sent += 1
      await black.services.pubsub.publish(topic, bytes(`${sent}`))
      return heardWhite.length > 0
    })
    await white.services.pubsub.publish(topic, bytes('answer'))
    await until('black hears', () => heardBlack.includes('answer'))
    await black.services.pubsub.publish(topic, bytes('last'))
    await until('white hears the last', () => heardWhite.includes('last'))
    expect(new Set(heardWhite).size).toBe(heardWhite.length)
    expect(heardBlack).toEqual(['answer'])
  })

  test('a topic ends on both relays when its last guest leaves: relays keep none alive for each other', async () => {
    const [a, b] = await pair()
    const [black, white] = [await stage.guest(a.address), await stage.guest(b.address)]
    black.services.pubsub.subscribe(topic)
    white.services.pubsub.subscribe(topic)
    await until('both relays are on it', () => [a, b].every(each => each.relay.stats().gossip.topics === 1))
    black.services.pubsub.unsubscribe(topic)
    await until('it has ended at a', () => a.relay.stats().gossip.topics === 0)
    expect(b.relay.stats().gossip.topics).toBe(1)
    await white.stop()
    await until('it has ended at b', () => b.relay.stats().gossip.topics === 0)
  })

  test('hundreds of topics are announced between relays, those from before they met and those from after', async () => {
    const limits = { peerGames: 200, peerMessagesPerSecond: 10_000 }
    const names = (from: number): string[] =>
      Array.from({ length: 125 }, (_, index) => `/tsugi/1/default/game-${from + index}`)
    const [early, late] = [names(0), names(125)]
    const free = await startRelay()
    await free.stop()
    const b = await relayWithPage({ relays: [`http://127.0.0.1:${free.port}`], limits })
    const white = await stage.guest(b.address)
    const heard = listen(white)
    for (const name of early) white.services.pubsub.subscribe(name)
    await until('b routes them', () => b.relay.stats().gossip.topics === early.length)
    const a = await relayWithPage({ port: free.port, relays: [b.url], limits })
    const black = await stage.guest(a.address)
    for (const name of early) black.services.pubsub.subscribe(name)
    await until('they have met', () => fellows(a) === 1 && fellows(b) === 1)
    for (const name of late) {
      black.services.pubsub.subscribe(name)
      white.services.pubsub.subscribe(name)
    }
    const all = [...early, ...late]
    await until('both route all', () => [a, b].every(each => each.relay.stats().gossip.topics === all.length))
    await until('each topic is heard on the other side', async () => {
      const missing = all.filter(name => !heard.includes(name))
      for (const name of missing) await black.services.pubsub.publish(name, bytes(name))
      return missing.length === 0
    })
    expect(new Set(heard)).toEqual(new Set(all))
    await black.stop()
    await white.stop()
    await until('nothing is kept alive', () => [a, b].every(each => each.relay.stats().gossip.topics === 0))
  })

  test('a client that only claims to be a relay stays a guest', async () => {
    const relay = await stage.relay({ discover: true })
    const client = await stage.guest(relay.address)
    await client.handle('/libp2p/circuit/relay/0.2.0/hop', stream => stream.abort(new Error('not really')))
    client.services.pubsub.subscribe(topic)
    await until('its topic is routed', () => relay.relay.stats().gossip.topics === 1)
    expect(fellows(relay)).toBe(0)
  })
})

describe('relays that find each other', () => {
  test('three in a chain: the ends find each other in the DHT, and mesh [B9]', async () => {
    const c = await stage.relay({ discover: true })
    const b = await stage.relay({ relays: [c.address] })
    const a = await stage.relay({ relays: [b.address] })
    await until('everybody knows everybody', () => [a, b, c].every(each => fellows(each) === 2))
    const [black, white] = [await stage.guest(a.address), await stage.guest(c.address)]
    const heard = listen(white)
    black.services.pubsub.subscribe(topic)
    white.services.pubsub.subscribe(topic)
    await until('the ends hear each other', async () => {
      await black.services.pubsub.publish(topic, bytes('here'))
      return heard.length > 0
    })
    expect(b.relay.stats().gossip.topics).toBe(0)
  })
})
