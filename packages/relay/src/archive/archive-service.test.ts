import type { Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import {
  type MatchId,
  type PublicationPart,
  archiveProtocol,
  decodePublicationAnswer,
  encodeCanonical,
  publicKeyOf,
  signPublication,
  toHex,
} from '@tsugi/protocol'
import { expect, test } from 'vitest'

import { createStage } from '../../test-support/stage.ts'
import { type TestRelay, until } from '../../test-support/start-relay.ts'
import type { StockClient } from '../../test-support/stock-client.ts'
import type { VerifiedGame, VerifyGame } from './verified-game.ts'

const stage = createStage()
const match = 'A'.repeat(27) as MatchId
const seatKey = new Uint8Array(32).fill(3)

/** Takes every game as finished; the real check is the application's. */
const verified = (records: readonly Uint8Array[], more: Partial<VerifiedGame> = {}): VerifiedGame => ({
  ok: true,
  match,
  app: 'go',
  rules: 'go',
  players: ['Ann', 'Ben'],
  keys: [toHex(publicKeyOf(seatKey))],
  result: 'B+R',
  moves: records.length,
  startedAtMs: 1,
  endedAtMs: 2,
  records,
  ...more,
})
const takesAll: VerifyGame = records => Promise.resolve(verified(records))
const record = (byte: number, size = 200) => new Uint8Array(size).fill(byte)

async function send(relay: TestRelay, client: StockClient, parts: readonly (PublicationPart | Uint8Array)[]) {
  const connection = await client.dial(multiaddr(relay.address))
  const stream: Stream = await connection.newStream(archiveProtocol)
  const framed = lpStream(stream, { maxDataLength: 65_536 })
  const signal = AbortSignal.timeout(20_000)
  for (const part of parts) await framed.write(part instanceof Uint8Array ? part : encodeCanonical(part), { signal })
  const answer = decodePublicationAnswer((await framed.read({ signal })).subarray())
  if (!answer.ok) throw new Error(answer.code)
  return answer.value.t === 'archived' ? 'archived' : answer.value.code
}
const publish = (relay: TestRelay, client: StockClient, records: Uint8Array[], key = seatKey) =>
  send(relay, client, [
    { t: 'records', records },
    { t: 'publish', ...signPublication(match, relay.relay.peerId, key) },
  ])

test('[A2] B12: a player publishes a finished game; it can be listed, read and removed', async () => {
  const relay = await stage.relay({ verifyGame: takesAll })
  const client = await stage.guest(relay.address)
  expect(await publish(relay, client, [record(1), record(2)])).toBe('archived')
  expect(relay.relay.archive.list()).toMatchObject([{ id: match, result: 'B+R', records: 2, bytes: 400 }])
  expect((await relay.relay.archive.get(match))?.chain).toEqual([record(1), record(2)])
  expect(relay.relay.stats().archive).toMatchObject({ games: 1, bytes: 400 })
  expect(await relay.relay.archive.remove(match)).toBe(true)
  expect(relay.relay.archive.list()).toEqual([])
})

test('[A5] published twice it is one game: the records of both belong together', async () => {
  const relay = await stage.relay({ verifyGame: takesAll })
  const client = await stage.guest(relay.address)
  await publish(relay, client, [record(1), record(2)])
  expect(await publish(relay, client, [record(1)])).toBe('archived')
  expect(relay.relay.archive.list()).toMatchObject([{ records: 2 }])
  expect(await publish(relay, client, [record(1), record(3)])).toBe('archived')
  expect(relay.relay.archive.list()).toMatchObject([{ records: 3 }])
})

test('[A3] only a player’s word to this relay counts', async () => {
  const relay = await stage.relay({ verifyGame: takesAll, limits: { addressPublications: 100 } })
  const client = await stage.guest(relay.address)
  expect(await publish(relay, client, [record(1)], new Uint8Array(32).fill(9))).toBe('archive/not-a-player')
  const records: PublicationPart = { t: 'records', records: [record(1)] }
  const elsewhere: PublicationPart = { t: 'publish', ...signPublication(match, 'another relay', seatKey) }
  expect(await send(relay, client, [records, elsewhere])).toBe('archive/not-a-player')
  expect(relay.relay.archive.list()).toEqual([])
  expect(relay.relay.stats().refusals).toMatchObject({ 'archive/not-a-player': 2 })
})

test('[A4] what the check refuses is refused with its code, and an app that is not served too', async () => {
  let outcome: Awaited<ReturnType<VerifyGame>> = { ok: false, code: 'archive/not-over' }
  const relay = await stage.relay({ apps: ['chess'], verifyGame: () => Promise.resolve(outcome) })
  const client = await stage.guest(relay.address)
  expect(await publish(relay, client, [record(1)])).toBe('archive/not-over')
  outcome = verified([record(1)])
  expect(await publish(relay, client, [record(1)])).toBe('archive/app')
})

test('[A2] B7: size and shape are checked before anything is verified', async () => {
  let checks = 0
  const counting: VerifyGame = records => {
    checks += 1
    return takesAll(records)
  }
  const relay = await stage.relay({ verifyGame: counting, limits: { gameArchiveBytes: 10_000 } })
  const client = await stage.guest(relay.address)
  const big: PublicationPart = { t: 'records', records: [record(1, 4_000)] }
  expect(await send(relay, client, [big, big, big])).toBe('archive/too-large')
  expect(await send(relay, client, [Uint8Array.of(1, 2)])).toBe('archive/malformed')
  const word: PublicationPart = { t: 'publish', ...signPublication(match, relay.relay.peerId, seatKey) }
  expect(await send(relay, client, [word])).toBe('archive/malformed')
  expect(checks).toBe(0)
})

test('B7: an address publishes so many games a minute', async () => {
  const relay = await stage.relay({ verifyGame: takesAll, limits: { addressPublications: 1 } })
  const client = await stage.guest(relay.address)
  expect(await publish(relay, client, [record(1)])).toBe('archived')
  expect(await publish(relay, client, [record(2)])).toBe('archive/rate')
})

test('B7: one game is checked at a time, and at most eight wait', async () => {
  const checks: Array<() => void> = []
  const slow: VerifyGame = records =>
    new Promise(resolve => {
      checks.push(() => resolve(verified(records)))
    })
  const relay = await stage.relay({ verifyGame: slow, limits: { addressPublications: 100 } })
  const clients = await Promise.all(Array.from({ length: 3 }, () => stage.guest(relay.address)))
  const settled: string[] = []
  const waiting = [0, 1, 2].flatMap(round =>
    clients.map(async (client, index) => {
      settled.push(await publish(relay, client, [record(3 * round + index)]))
    }),
  )
  await until('one has been turned away', () => settled.length > 0)
  expect(settled).toEqual(['archive/busy'])
  await until('the first is being checked', () => checks.length > 0)
  // The other seven have been read, or are being read, and wait.
  expect(checks).toHaveLength(1)
  for (let done = 0; settled.length < 9; done++) {
    await until('the next is checked, or all are done', () => checks.length > done || settled.length === 9)
    checks[done]?.()
  }
  await Promise.all(waiting)
  expect(settled.filter(answer => answer === 'archived')).toHaveLength(8)
  expect(relay.relay.archive.list()).toMatchObject([{ records: 8 }])
})

test('without a check nothing is published', async () => {
  const relay = await stage.relay()
  const client = await stage.guest(relay.address)
  await expect(publish(relay, client, [record(1)])).rejects.toThrow(/protocol/i)
})
