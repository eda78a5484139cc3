import type { Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import {
  type KeepingAnswer,
  type KeepingRequest,
  decodeKeepingAnswer,
  encodeCanonical,
  keepingProtocol,
  keptRecordId,
} from '@tsugi/protocol'
import { expect, test } from 'vitest'

import { createStage } from '../../test-support/stage.ts'
import { until } from '../../test-support/start-relay.ts'
import type { StockClient } from '../../test-support/stock-client.ts'

const stage = createStage()
const topic = '/tsugi/1/go/game'
const record = (text: string, size = 200) => Buffer.from(text.padEnd(size, '.'))

/** A stock peer that speaks the protocol by hand. */
async function ask(client: StockClient, address: string) {
  const connection = await client.dial(multiaddr(address))
  const stream: Stream = await connection.newStream(keepingProtocol)
  const framed = lpStream(stream, { maxDataLength: 65_536 })
  const read = async (): Promise<KeepingAnswer> => {
    const answer = decodeKeepingAnswer((await framed.read({ signal: AbortSignal.timeout(20_000) })).subarray())
    if (!answer.ok) throw new Error(answer.code)
    return answer.value
  }
  const send = (request: KeepingRequest | Uint8Array) =>
    framed.write(request instanceof Uint8Array ? request : encodeCanonical(request))
  return {
    stream,
    send,
    read,
    async put(...records: Uint8Array[]) {
      await send({ t: 'put', topic, records })
      return read()
    },
    async get(have: readonly Uint8Array[] = [], of = topic) {
      await send({ t: 'get', topic: of, have: Buffer.concat(have) })
      const found: string[] = []
      for (;;) {
        const answer = await read()
        if (answer.t !== 'records') return { found, answer }
        found.push(...answer.records.map(each => Buffer.from(each).toString().replaceAll('.', '')))
      }
    },
  }
}

async function onTopic(relay: { address: string; relay: { stats(): { gossip: { topics: number } } } }, wire = topic) {
  const client = await stage.guest(relay.address)
  const before = relay.relay.stats().gossip.topics
  client.services.pubsub.subscribe(wire)
  await until('the relay follows onto the topic', () => relay.relay.stats().gossip.topics > before)
  return client
}

test('[Q4] [Q5] D3: what one stores, another brings home after the first has gone', async () => {
  const relay = await stage.relay()
  const white = await onTopic(relay)
  const writing = await ask(white, relay.address)
  expect(await writing.put(record('one'), record('two'))).toEqual({ t: 'stored', count: 2 })
  expect(await writing.put(record('two'), record('three'))).toEqual({ t: 'stored', count: 2 })
  await white.stop()

  // Reading needs the topic's name only: Black may have just arrived.
  const black = await stage.guest(relay.address)
  const own = keptRecordId(record('mine'))
  expect(await (await ask(black, relay.address)).get([keptRecordId(record('one')), own])).toEqual({
    found: ['two', 'three'],
    answer: { t: 'got', lacks: own },
  })
  expect(relay.relay.stats().records).toMatchObject({ games: 1, records: 3, bytes: 600 })
  // Four records came and two went, and what asks for them.
  expect(relay.relay.stats().circuits.besideBytes).toBeGreaterThanOrEqual(6 * 200)
})

test('[Q6] only who is on a topic stores its records', async () => {
  const relay = await stage.relay()
  const stranger = await ask(await stage.guest(relay.address), relay.address)
  expect(await stranger.put(record('spam'))).toEqual({ t: 'refused', code: 'records/not-on-topic' })
  expect((await stranger.get()).found).toEqual([])
  expect(relay.relay.stats()).toMatchObject({ records: { records: 0 }, refusals: { 'records/not-on-topic': 1 } })
})

test('[Q6] B3: topics of an app that is not served are neither stored nor read', async () => {
  const relay = await stage.relay({ apps: ['chess'] })
  const peer = await ask(await stage.guest(relay.address), relay.address)
  expect(await peer.put(record('x'))).toEqual({ t: 'refused', code: 'records/app' })
  expect((await peer.get()).answer).toEqual({ t: 'refused', code: 'records/app' })
  expect((await peer.get([], '/tsugi/1/chess/game')).answer).toMatchObject({ t: 'got' })
})

test('[Q3] bytes that are no request end the stream, and say why in a counter', async () => {
  const relay = await stage.relay()
  const peer = await ask(await stage.guest(relay.address), relay.address)
  await peer.send(Buffer.from('what is this'))
  expect(await peer.read()).toEqual({ t: 'refused', code: 'records/malformed' })
  await until('the stream has ended', () => peer.stream.status !== 'open' || peer.stream.remoteWriteStatus === 'closed')
  expect(relay.relay.stats().refusals).toMatchObject({ 'records/malformed': 1 })
})

test('[Q3] a message that announces too many bytes is not read', async () => {
  const relay = await stage.relay()
  const peer = await ask(await stage.guest(relay.address), relay.address)
  peer.stream.send(Uint8Array.of(0xff, 0xff, 0xff, 0x7f))
  await until('the stream has ended', () => peer.stream.status !== 'open' || peer.stream.remoteWriteStatus === 'closed')
  await peer.stream.close().catch(() => {})
  expect((await (await ask(await stage.guest(relay.address), relay.address)).get()).answer.t).toBe('got')
})

test('[Q7] B7: a peer that asks too often is refused, and others are not', async () => {
  const relay = await stage.relay({ limits: { peerStoreRequestBurst: 3, peerStoreRequestsPerSecond: 0 } })
  const greedy = await ask(await stage.guest(relay.address), relay.address)
  const answers = []
  for (let index = 0; index < 5; index++) answers.push((await greedy.get()).answer.t)
  expect(answers).toEqual(['got', 'got', 'got', 'refused', 'refused'])
  expect((await (await ask(await stage.guest(relay.address), relay.address)).get()).answer.t).toBe('got')
  expect(relay.relay.stats().refusals).toMatchObject({ 'records/rate': 2 })
})

test('[Q5] a whole game of a thousand records comes in order, in messages of 64 KiB', async () => {
  const relay = await stage.relay()
  const client = await onTopic(relay)
  const peer = await ask(client, relay.address)
  const list = Array.from({ length: 1_000 }, (_, index) => record(`record ${index}`, 290))
  for (let at = 0; at < list.length; at += 200) {
    expect(await peer.put(...list.slice(at, at + 200))).toEqual({ t: 'stored', count: 200 })
  }
  const { found } = await peer.get()
  expect(found).toEqual(list.map((_, index) => `record ${index}`))
})

test('a peer that asks and never reads holds nothing up: the relay stops all the same', async () => {
  const relay = await stage.relay()
  const client = await onTopic(relay)
  const peer = await ask(client, relay.address)
  await peer.put(...Array.from({ length: 15 }, (_, index) => record(`${index}`, 4_000)))
  for (let index = 0; index < 40; index++) await peer.send({ t: 'get', topic, have: new Uint8Array() })
  await relay.relay.stop()
  expect(relay.relay.stats().records).toMatchObject({ games: 1, records: 15 })
})
