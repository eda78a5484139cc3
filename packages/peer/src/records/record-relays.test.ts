import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Connection } from '@libp2p/interface'
import { lpStream, streamPair } from '@libp2p/utils'
import { type AppId, encodeCanonical, keptRecordId } from '@tsugi/protocol'
import { expect, onTestFinished, test } from 'vitest'

import { openMesh, until, stay } from '../../test-support/mesh.ts'
import { type TestRelay, startRelay } from '../../test-support/start-relay.ts'
import type { MeshPeer } from '../mesh-peer.ts'
import { RecordRelays } from './record-relays.ts'

const sealed = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => new TextEncoder().encode(`${name} ${index} `.padEnd(290, '.')))
const names = (list: readonly Uint8Array[]) =>
  list.map(each => new TextDecoder().decode(each).replaceAll('.', '').trim())

async function joined(peer: MeshPeer, ...relays: TestRelay[]): Promise<void> {
  const { topics } = { topics: relays.map(({ relay }) => relay.stats().gossip.topics) }
  await until('the relays are ready', () => peer.relays.connections().length === relays.length)
  await stay(peer, 'game')
  await until('the relays follow onto the topic', () =>
    relays.every(({ relay }, index) => relay.stats().gossip.topics > (topics[index] ?? 0)),
  )
}

/** Compares, and answers what was found. */
async function found(peer: MeshPeer, held: readonly Uint8Array[] = [], mayBring = false, seen: Uint8Array[] = []) {
  const got: Uint8Array[] = []
  const isDone = await peer.records.compare('game', {
    held: () => held,
    seen,
    mayBring,
    onFound: more => void got.push(...more),
  })
  return { isDone, names: names(got) }
}

test('D3: what one peer has kept, another gets from the relay alone, over its restart', async () => {
  const mesh = openMesh()
  const dataDir = await mkdtemp(join(tmpdir(), 'tsugi-kept-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  const relay = await startRelay({ dataDir })
  const white = await mesh.peer([relay.url])
  await joined(white, relay)
  expect(await white.records.keep('game', sealed('move', 3))).toBe(true)
  await white.stop()
  await relay.kill()

  const again = await startRelay({ dataDir })
  const black = await mesh.peer([again.url])
  await until('the relay is ready', () => black.relays.connections().length === 1)
  expect(await found(black, sealed('move', 1))).toEqual({ isDone: true, names: ['move 1', 'move 2'] })
  expect(await found(black, sealed('move', 1), false, sealed('move', 2).map(keptRecordId))).toEqual({
    isDone: true,
    names: ['move 2'],
  })
})

test('a relay that was replaced is brought what it lacks, and nothing twice', async () => {
  const mesh = openMesh()
  const [old, young] = [await startRelay(), await startRelay()]
  const peer = await mesh.peer([old.url, young.url])
  await joined(peer, old, young)
  const held = sealed('move', 500)
  expect(await peer.records.keep('game', held.slice(0, 300))).toBe(true)
  await young.kill()
  const fresh = await startRelay({ port: young.port })
  await until(
    'the relay is back',
    () => fresh.relay.stats().gossip.topics > 0 && peer.relays.connections().length === 2,
  )
  expect(fresh.relay.stats().records.records).toBe(0)
  expect(await found(peer, held, true)).toEqual({ isDone: true, names: [] })
  for (const { relay } of [old, fresh]) expect(relay.stats().records).toMatchObject({ games: 1, records: 500 })
})

test('what only one of two relays has is found, and reported as found by both asked', async () => {
  const mesh = openMesh()
  const [one, two] = [await startRelay(), await startRelay()]
  const writer = await mesh.peer([two.url])
  await joined(writer, two)
  await writer.records.keep('game', sealed('move', 2))
  const reader = await mesh.peer([one.url, two.url])
  await until('both relays are ready', () => reader.relays.connections().length === 2)
  expect(await found(reader)).toEqual({ isDone: true, names: ['move 0', 'move 1'] })
})

test('without a relay, or for a topic that is not joined, nothing is said to be safe', async () => {
  const mesh = openMesh()
  const alone = await mesh.peer([])
  expect(await alone.records.keep('game', sealed('move', 1))).toBe(false)
  expect(await found(alone)).toEqual({ isDone: false, names: [] })
  const relay = await startRelay()
  const peer = await mesh.peer([relay.url])
  await until('the relay is ready', () => peer.relays.connections().length === 1)
  expect(await peer.records.keep('game', sealed('move', 1))).toBe(false)
  expect(await found(peer, sealed('move', 1), true)).toEqual({ isDone: false, names: [] })
  expect(relay.relay.stats().records.records).toBe(0)
})

test('B7: a relay that keeps no more says so', async () => {
  const mesh = openMesh()
  const relay = await startRelay({ limits: { gameWriterRecords: 2 } })
  const peer = await mesh.peer([relay.url])
  await joined(peer, relay)
  expect(await peer.records.keep('game', sealed('move', 3))).toBe(false)
  expect(relay.relay.stats()).toMatchObject({ records: { records: 2 }, refusals: { 'records/share': 1 } })
})

test('a relay that hands over records without end is not listened to for ever', async () => {
  const [ours, theirs] = await streamPair()
  const liar = lpStream(theirs)
  const lying = (async () => {
    await liar.read()
    const answer = encodeCanonical({ t: 'records', records: sealed('lie', 100) })
    for (;;) await liar.write(answer)
  })()
  const connection = { newStream: () => Promise.resolve(ours), remotePeer: 'a liar' } as unknown as Connection
  let count = 0
  const isDone = await new RecordRelays('test' as AppId, () => [connection]).compare('game', {
    held: () => [],
    seen: [],
    mayBring: false,
    onFound: more => void (count += more.length),
  })
  expect(isDone).toBe(false)
  expect(count).toBeLessThanOrEqual(20_000)
  theirs.abort(new Error('The test is over.'))
  await lying.catch(() => {})
})
