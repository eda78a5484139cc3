import type { Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { type WellKnown, parseWellKnown, relaysProtocol } from '@tsugi/protocol'
import { describe, expect, test } from 'vitest'

import { type RawPeer, startRawPeer } from '../../test-support/raw-peer.ts'
import { createStage } from '../../test-support/stage.ts'
import { type TestRelay, until } from '../../test-support/start-relay.ts'
import { startStockClient } from '../../test-support/stock-client.ts'

const stage = createStage()
const signal = () => AbortSignal.timeout(20_000)

async function peerOf(relay: TestRelay): Promise<RawPeer> {
  const peer = await startRawPeer(relay.address)
  stage.defer(() => peer.stop())
  return peer
}

async function ask(peer: RawPeer, text = ''): Promise<string> {
  const stream = await peer.connection.newStream(relaysProtocol, { signal: signal(), maxOutboundStreams: 100 })
  const messages = lpStream(stream)
  await messages.write(new TextEncoder().encode(text), { signal: signal() })
  const answer = (await messages.read({ signal: signal() })).subarray()
  await stream.close({ signal: signal() })
  return new TextDecoder().decode(answer)
}

describe('[W5] descriptions without HTTP', () => {
  test('a peer that asks hears what the relay is, and where else it may go', async () => {
    const other = await stage.relay()
    const relay = await stage.relay({ relays: [other.address] })
    await until('met', () => relay.relay.stats().relays.connected === 1)
    const answer = parseWellKnown(await ask(await peerOf(relay)))
    expect(answer).toMatchObject({
      ok: true,
      value: { peerId: relay.relay.peerId, relays: [`http://127.0.0.1:${other.port}`] },
    })
  })

  test.each([
    ['garbage', 'not a description'],
    ['a description of somebody else', 'other'],
  ])('%s is counted, and makes nobody a fellow', async (_, text) => {
    const relay = await stage.relay({ discover: true })
    const sent = text === 'other' ? JSON.stringify(relay.relay.wellKnown()) : text
    expect(parseWellKnown(await ask(await peerOf(relay), sent))).toMatchObject({ ok: true })
    expect(relay.relay.stats().refusals['relays/malformed']).toBe(1)
    expect(relay.relay.stats().relays).toEqual({ known: 0, connected: 0 })
  })

  test('who claims to be a relay at an address where it is not is tried a few times, and forgotten', async () => {
    const relay = await stage.relay({ discover: true })
    const peer = await peerOf(relay)
    const claim: WellKnown = { ...relay.relay.wellKnown(), peerId: peer.id, multiaddrs: ['/ip4/127.0.0.1/tcp/1/ws'] }
    await ask(peer, JSON.stringify(claim))
    expect(relay.relay.stats().relays).toEqual({ known: 1, connected: 0 })
    await until('forgotten', () => relay.relay.stats().relays.known === 0)
  })

  test('a relay that looks for no others believes no claim', async () => {
    const relay = await stage.relay()
    const peer = await peerOf(relay)
    await ask(peer, JSON.stringify({ ...relay.relay.wellKnown(), peerId: peer.id }))
    expect(relay.relay.stats().relays.known).toBe(0)
  })

  test('who asks on and on is cut off, and counted [B7]', async () => {
    const relay = await stage.relay()
    const peer = await peerOf(relay)
    const answers = await Promise.allSettled(Array.from({ length: 4 }, () => ask(peer)))
    expect(answers.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0)
    await until('refused', async () => {
      await ask(peer).catch(() => {})
      return (relay.relay.stats().refusals['relays/rate'] ?? 0) > 0
    })
  })
})

describe('a relay that drains', () => {
  test('says so to those who understand it, and waits until they have moved, not for the others [B10]', async () => {
    const relay = await stage.relay()
    const deaf = await peerOf(relay)
    const moving = await startStockClient()
    stage.defer(() => moving.stop())
    const told = Promise.withResolvers<{ stream: Stream; described: WellKnown }>()
    await moving.handle(relaysProtocol, async stream => {
      const bytes = (await lpStream(stream).read({ signal: signal() })).subarray()
      const described = parseWellKnown(new TextDecoder().decode(bytes))
      if (described.ok) told.resolve({ stream, described: described.value })
    })
    const connection = await moving.dial(multiaddr(relay.address))
    // Once it has had an answer, its connection takes streams of the relay's.
    await connection.newStream('/ipfs/ping/1.0.0', { signal: signal() })
    let isStopped = false
    const stopped = relay.relay.stop().then(() => (isStopped = true))
    const { stream, described } = await told.promise
    expect(described).toMatchObject({ draining: true, load: { room: false } })
    expect(isStopped).toBe(false)
    expect(deaf.connection.status).toBe('open')
    await stream.close()
    await stopped
    expect(deaf.connection.status).not.toBe('open')
  })
})
