import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Key } from 'interface-datastore'
import { describe, expect, test } from 'vitest'

import { type RawPeer, startRawPeer } from '../../test-support/raw-peer.ts'
import { createStage } from '../../test-support/stage.ts'
import { until } from '../../test-support/start-relay.ts'
import { createVolatileDatastore } from '../store/volatile-datastore.ts'
import type { BanRequest } from './ban.ts'
import { type BanEvent, openBans } from './bans.ts'

const stage = createStage()
const somebody = '12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf'

function memory() {
  return createVolatileDatastore({ prefixes: [], maxEntries: 1_000, maxBytes: 1_000_000 })
}

async function rawPeer(address: string): Promise<RawPeer> {
  const peer = await startRawPeer(address)
  stage.defer(() => peer.stop())
  return peer
}

function getsIn(address: string): Promise<boolean> {
  return startRawPeer(address).then(
    async peer => {
      await peer.stop()
      return true
    },
    () => false,
  )
}

describe('the list', () => {
  test('[B7] is kept from one start to the next, without what has expired meanwhile', async () => {
    const datastore = memory()
    let now = 1_000
    const open = () => openBans({ datastore, limits: { relayBans: 10 }, onEvent() {}, now: () => now })
    const first = await open()
    await first.add({ kind: 'peer', value: somebody, reason: 'floods' })
    await first.add({ kind: 'prefix', value: '192.0.2.9/24', expiresAtMs: 5_000 })
    now = 4_000
    const second = await open()
    expect(second.list()).toEqual(first.list())
    expect(second.ofAddress('192.0.2.1')).toMatchObject({ value: '192.0.2.0/24', expiresAtMs: 5_000 })
    now = 6_000
    const third = await open()
    expect(third.list().map(each => each.kind)).toEqual(['peer'])
    await third.sweep()
    expect(datastore.count('/tsugi/bans')).toBe(1)
  })

  test('[B7] naming somebody again gives the ban a new reason and end, under the same id', async () => {
    const bans = await openBans({ datastore: memory(), limits: { relayBans: 1 }, onEvent() {} })
    const first = await bans.add({ kind: 'address', value: '192.0.2.1', reason: 'one' })
    const second = await bans.add({ kind: 'address', value: '::ffff:192.0.2.1', reason: 'other' })
    expect(second).toMatchObject({ ok: true, ban: { id: first.ok && first.ban.id, reason: 'other' } })
    expect(bans.list().length).toBe(1)
  })

  test('[B7] ends at relayBans; what has expired makes room', async () => {
    let now = 0
    const events: BanEvent[] = []
    const onEvent = (event: BanEvent): void => void events.push(event)
    const bans = await openBans({ datastore: memory(), limits: { relayBans: 2 }, onEvent, now: () => now })
    await bans.add({ kind: 'address', value: '192.0.2.1' })
    await bans.add({ kind: 'address', value: '192.0.2.2', expiresAtMs: 10 })
    expect(await bans.add({ kind: 'address', value: '192.0.2.3' })).toMatchObject({ ok: false, code: 'ban/full' })
    now = 10
    expect(await bans.add({ kind: 'address', value: '192.0.2.3' })).toMatchObject({ ok: true })
    expect(events).toContainEqual(expect.objectContaining({ type: 'ban:removed', reason: 'expired' }))
  })

  test.each<[string, Partial<BanRequest> | Record<string, unknown>]>([
    ['a kind that is none', { kind: 'planet', value: 'earth' }],
    ['a value that is no text', { kind: 'address', value: 7 }],
    ['a value without end', { kind: 'peer', value: 'x'.repeat(10_000) }],
    ['no peer id', { kind: 'peer', value: 'bob' }],
    ['no address', { kind: 'address', value: '192.0.2.0/24' }],
    ['no prefix', { kind: 'prefix', value: '192.0.2.0' }],
    ['everybody', { kind: 'prefix', value: '0.0.0.0/0' }],
    ['a reason without end', { kind: 'address', value: '192.0.2.1', reason: 'x'.repeat(201) }],
    ['an end in the past', { kind: 'address', value: '192.0.2.1', expiresAtMs: 1 }],
    ['an end that is no number', { kind: 'address', value: '192.0.2.1', expiresAtMs: 'soon' }],
  ])('[B7] says no to %s', async (_what, request) => {
    const bans = await openBans({ datastore: memory(), limits: { relayBans: 2 }, onEvent() {} })
    const outcome = await bans.add(request as BanRequest)
    expect(outcome).toMatchObject({ ok: false, code: 'ban/invalid', message: expect.stringMatching(/\.$/) as string })
    expect(bans.list()).toEqual([])
  })

  test('an entry that cannot be read is told and binds nobody; the others hold', async () => {
    const datastore = memory()
    await datastore.put(new Key('/tsugi/bans/odd'), new TextEncoder().encode('{"id":"odd"'))
    const before = await openBans({ datastore, limits: { relayBans: 2 }, onEvent() {} })
    await before.add({ kind: 'address', value: '192.0.2.1' })
    const events: BanEvent[] = []
    const after = await openBans({ datastore, limits: { relayBans: 2 }, onEvent: event => void events.push(event) })
    expect(after.list().length).toBe(1)
    expect(events).toEqual([{ type: 'ban:unreadable', key: '/tsugi/bans/odd' }])
  })

  test('a ban that cannot be written is told, and holds until the relay stops', async () => {
    const datastore = memory()
    datastore.put = () => Promise.reject(new Error('no space left on device'))
    const bans = await openBans({ datastore, limits: { relayBans: 2 }, onEvent() {} })
    await expect(bans.add({ kind: 'address', value: '192.0.2.1' })).rejects.toMatchObject({
      code: 'relay/data-dir-unusable',
    })
    expect(bans.ofAddress('192.0.2.1')).toBeDefined()
  })
})

describe('a ban', () => {
  test('[A2] [B7] of a peer ends its reservation and its circuits as banned, closes its connection, and keeps it out', async () => {
    const { address, relay } = await stage.relay()
    const [target, caller] = [await rawPeer(address), await rawPeer(address)]
    await target.reserve()
    await caller.reserve()
    await caller.connect(target)
    const ended = Promise.withResolvers<string>()
    const closed = Promise.withResolvers<string>()
    relay.events.addEventListener('reservation:ended', ({ detail }) => ended.resolve(`${detail.peer} ${detail.reason}`))
    relay.events.addEventListener('circuit:closed', ({ detail }) => closed.resolve(detail.reason))
    const gone = new Promise<void>(resolve => {
      target.connection.addEventListener('close', () => resolve(), { once: true })
    })
    const outcome = await relay.bans.add({ kind: 'peer', value: target.id })
    expect(await ended.promise).toBe(`${target.id} banned`)
    expect(await closed.promise).toBe('banned')
    await gone
    await target.node.dial(target.connection.remoteAddr).catch(() => {})
    await until('it is refused', () => (relay.stats().refusals['ban/peer'] ?? 0) > 0)
    await until('only the other is connected', () => relay.stats().peers === 1)
    expect((await caller.ask({ type: 'RESERVE' })).status).toBe('OK')
    expect(relay.stats().circuits).toMatchObject({ reservations: 1, circuits: 0 })

    expect(await relay.bans.remove(outcome.ok ? outcome.ban.id : '')).toBe(true)
    expect(await relay.bans.remove(outcome.ok ? outcome.ban.id : '')).toBe(false)
    await target.node.dial(target.connection.remoteAddr)
    await until('it is back', () => relay.stats().peers === 2)
  })

  test.each([
    ['address', '127.0.0.1'],
    ['address', '::ffff:127.0.0.1'],
    ['prefix', '127.0.0.0/8'],
  ] as const)('[B7] by %s %s closes what is open and refuses before the handshake', async (kind, value) => {
    const { address, relay } = await stage.relay()
    const peer = await rawPeer(address)
    await peer.reserve()
    const reason = new Promise<string>(resolve => {
      relay.events.addEventListener('reservation:ended', ({ detail }) => resolve(detail.reason))
    })
    await relay.bans.add({ kind, value })
    expect(await reason).toBe('banned')
    await until('it is gone', () => relay.stats().peers === 0)
    expect(await getsIn(address)).toBe(false)
    expect(relay.stats().refusals['ban/address']).toBeGreaterThan(0)
    expect(relay.stats().refusals['ban/peer']).toBeUndefined()
  })

  test('[B7] survives a restart of the relay', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'tsugi-bans-'))
    stage.defer(() => rm(dataDir, { recursive: true, force: true }))
    const first = await stage.relay({ dataDir })
    await first.relay.bans.add({ kind: 'address', value: '127.0.0.1', reason: 'of before' })
    await first.stop()
    const second = await stage.relay({ dataDir })
    expect(second.relay.bans.list()).toMatchObject([{ value: '127.0.0.1', reason: 'of before', expiresAtMs: null }])
    expect(await getsIn(second.address)).toBe(false)
  })
})
