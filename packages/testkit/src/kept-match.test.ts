import { encodeSetup, goRules } from '@tsugi/go'
import { MatchSession, createMatchMachine } from '@tsugi/match'
import { keptRecordId, readKeysOf, readSecretOf, sealKeptRecord } from '@tsugi/protocol'
import { describe, expect, it } from 'vitest'

import { FakeClock, MemoryKeeper, MemoryMesh, MemoryStore, SeededRandom } from './index.ts'

const machine = createMatchMachine({ rules: goRules })

/** A match whose players come and go; what they publish to each other is never delivered unless a test does. */
async function table() {
  const random = new SeededRandom(5)
  const clock = new FakeClock()
  const secret = random.bytes(16)
  const keys = { ann: random.bytes(32), ben: random.bytes(32) }
  const created = machine.create({
    app: 'go',
    setup: encodeSetup({ size: 9, ruleset: 'japanese', komi: 6.5, handicap: 0 }),
    seat: 0,
    name: 'Ann',
    clock: { type: 'none' },
    secret,
    seatKey: keys.ann,
    now: clock.now(),
  })
  if (!created.ok) throw new Error(created.code)
  const { match, genesis } = created.value
  const stores = { ann: new MemoryStore(), ben: new MemoryStore(), watcher: new MemoryStore() }
  await stores.ann.append(match, [genesis])
  const keeper = new MemoryKeeper(keptRecordId)
  const mesh = new MemoryMesh(random)
  const listeners = new Set<{ onKeeper?(): void }>()
  /** The keeper can be reached, for everybody. */
  const reach = async (): Promise<void> => {
    await settled()
    for (const listener of listeners) listener.onKeeper?.()
    await settled()
  }
  const open = async (who: keyof typeof stores) => {
    const transport = mesh.transport(who)
    const session = await MatchSession.open({
      machine,
      match,
      ...(who === 'watcher' ? { readSecret: readSecretOf(secret) } : { secret, seatKey: keys[who] }),
      transport: {
        ...transport,
        keeper,
        listen(listener) {
          listeners.add(listener)
          const stop = transport.listen(listener)
          return () => {
            listeners.delete(listener)
            stop()
          }
        },
      },
      store: stores[who],
      clock,
      random: length => random.bytes(length),
    })
    await reach()
    return session
  }
  /** Seals bytes as somebody who holds the invite would. */
  const seal = (record: Uint8Array): Uint8Array => {
    const { topic, messageKey } = readKeysOf(readSecretOf(secret))
    return sealKeptRecord(record, messageKey, new TextEncoder().encode(`tsugi/1 ${topic}`))
  }
  return { clock, keeper, mesh, stores, match, random, reach, open, seal }
}

async function settled(): Promise<void> {
  for (let round = 0; round < 10; round++) await new Promise(resolve => setImmediate(resolve))
}

describe('D3: kept records', () => {
  it('carry a game whose players are never there together', async () => {
    const { keeper, open } = await table()
    let ann = await open('ann')
    await ann.stop()
    expect(keeper.size).toBe(1)

    const ben = await open('ben')
    expect(ben.view.phase).toBe('waiting')
    expect(await ben.act({ type: 'sit', name: 'Ben' })).toMatchObject({ ok: true })
    await ben.stop()

    ann = await open('ann')
    expect(ann.view).toMatchObject({ phase: 'playing', turn: 0 })
    await ann.act({ type: 'move', move: 40 })
    await ann.stop()

    const again = await open('ben')
    expect(again.view).toMatchObject({ ply: 1, turn: 1, mySeat: 1, refusals: {} })
    await again.stop()
    expect(keeper.size).toBe(3)
  })

  it('reach somebody who watches, and count as nobody’s presence', async () => {
    const { mesh, open } = await table()
    const ann = await open('ann')
    const ben = await open('ben')
    await ben.act({ type: 'sit', name: 'Ben' })
    await ann.stop()
    await ben.stop()
    mesh.deliverAll()
    const watcher = await open('watcher')
    expect(watcher.view).toMatchObject({ phase: 'playing', mySeat: null, watchers: 0 })
    await watcher.stop()
  })

  it('are brought again by whoever plays when the keeper has lost them, and not by who watches', async () => {
    const { keeper, open, reach } = await table()
    const ann = await open('ann')
    const ben = await open('ben')
    expect(await ben.act({ type: 'sit', name: 'Ben' })).toMatchObject({ ok: true })
    await reach()
    expect(await ann.act({ type: 'move', move: 40 })).toMatchObject({ ok: true })
    await settled()
    expect(keeper.size).toBe(3)
    const watcher = await open('watcher')
    await ann.stop()
    await ben.stop()
    keeper.forget()
    await reach()
    expect(keeper.size).toBe(0)
    expect(watcher.view.ply).toBe(1)
    await (await open('ann')).stop()
    expect(keeper.size).toBe(3)
    await watcher.stop()
  })

  it('are tried again when the keeper was away, now and then', async () => {
    const { keeper, clock, open } = await table()
    keeper.isFailing = true
    const ann = await open('ann')
    expect(keeper).toMatchObject({ size: 0, comparisons: 1 })
    clock.advance(25_000)
    await settled()
    expect(keeper.comparisons).toBeLessThanOrEqual(4)
    keeper.isFailing = false
    clock.advance(10_000)
    await settled()
    expect(keeper.size).toBe(1)
    const { comparisons } = keeper
    clock.advance(60_000)
    await settled()
    expect(keeper.comparisons).toBe(comparisons)
    await ann.stop()
  })

  it('[Q8] C1: a keeper’s or a stranger’s bad records are counted and change nothing, and the good ones among them are read', async () => {
    const { keeper, random, seal, open } = await table()
    const ann = await open('ann')
    const good = keeper.size
    await ann.stop()
    keeper.forget()
    await keeper.keep(Array.from({ length: 20 }, () => seal(random.bytes(100))))
    await keeper.keep([random.bytes(300), new Uint8Array()])
    await (await open('ann')).stop()
    const ben = await open('ben')
    expect(good).toBe(1)
    expect(ben.view).toMatchObject({ phase: 'waiting', records: { chain: 1 } })
    expect(ben.view.refusalsBySender).toEqual({
      keeper: { 'record/malformed': 20, 'seal/forged': 1, 'seal/malformed': 1 },
    })
    await ben.stop()
  })

  it('nothing is kept that could not be stored here first', async () => {
    const { keeper, stores, open } = await table()
    await (await open('ann')).stop()
    const ben = await open('ben')
    stores.ben.isFailing = true
    expect(await ben.act({ type: 'sit', name: 'Ben' })).toMatchObject({ code: 'session/store-failed' })
    await ben.stop()
    expect(keeper.size).toBe(1)
  })

  it('a move made long ago does not count as late, and the game can go on', async () => {
    const { clock, open } = await table()
    let ann = await open('ann')
    await ann.stop()
    const ben = await open('ben')
    await ben.act({ type: 'sit', name: 'Ben' })
    ann = await open('ann')
    await ann.act({ type: 'move', move: 40 })
    await ann.stop()
    await ben.stop()
    clock.advance(6 * 3_600_000)
    const again = await open('ben')
    expect(again.view.moves).toMatchObject([{ lateByMs: 0 }])
    expect(await again.act({ type: 'move', move: 41 })).toMatchObject({ ok: true })
    await again.stop()
  })
})
