import { TaskGroup } from '@tsugi/bounded'
import type { PeerId } from '@tsugi/protocol'
import 'fake-indexeddb/auto'
import { describe, expect, it } from 'vitest'

import { openMesh, record, stay, until } from '../../test-support/mesh.ts'
import { startRelay } from '../../test-support/start-relay.ts'
import { TransportRace } from '../node/transport-race.ts'
import { PeerBook } from './address-book.ts'
import { type BookStore, type KeptBook, openBookStore } from './book-store.ts'
import { keepBook } from './kept-book.ts'

const hour = 3_600_000
const a = '12D3KooWSdGbCvwYDCMtGB8cMFEVYGY5zAjMQQEnGZwXPVnZdZBm' as PeerId
const b = '12D3KooWQT3WVaRWNgQJBsGFcMaSxPuXSxXzyF88kd4UXEXTiSwx' as PeerId
const limits = { bookPeers: 2, bookAddressesPerPeer: 2, bookAddressTtlMs: hour, bookPeerTtlMs: 6 * hour }

function open(now = (): number => 100 * hour) {
  const told: string[] = []
  const book = new PeerBook({ limits, now, onSeen: peer => told.push(peer), onGone: peer => told.push(peer) })
  return { book, told }
}

describe('an address book that is kept [C1]', () => {
  it('comes back as it was, without a word, and goes on to end by time', () => {
    const clock = { now: 10 * hour }
    const first = open(() => clock.now).book
    first.see(a, [`/ip4/1.2.3.4/tcp/1/p2p/${a}`])
    clock.now += hour / 2
    first.see(b, [`/ip4/1.2.3.4/tcp/2/p2p/${b}`])
    const { book, told } = open(() => clock.now)
    expect(book.restore(structuredClone(first.toKept()))).toBe(2)
    expect(book.list()).toEqual(first.list())
    expect(told).toEqual([])
    clock.now += hour * 0.6
    expect(book.get(a)?.addresses).toEqual([])
    expect(book.get(b)?.addresses).toHaveLength(1)
    clock.now += 5 * hour
    expect(book.sweep()).toBe(1)
  })

  it('leaves out what has ended, what is too much, and what is no peer', () => {
    const { book } = open()
    const now = 100 * hour
    const kept = [
      { peer: a, addresses: [], seenAt: now - 7 * hour },
      {
        peer: b,
        addresses: [
          [`/ip4/1.2.3.4/tcp/1`, now - 2 * hour],
          ['nonsense', now],
          [`/ip4/1.2.3.4/tcp/2`, now + hour],
        ],
        seenAt: now + hour,
      },
    ]
    expect(book.restore(kept)).toBe(1)
    expect(book.list()).toEqual([{ peer: b, addresses: [`/ip4/1.2.3.4/tcp/2/p2p/${b}`], seenAt: now }])
    for (const bad of [
      undefined,
      null,
      7,
      {},
      [null],
      [{ peer: 'x', addresses: [], seenAt: now }],
      [{ peer: a }],
      [{ peer: a, addresses: [7], seenAt: now }],
    ])
      expect(open().book.restore(bad)).toBe(0)
    const many = Array.from({ length: 10 }, () => ({ peer: a, addresses: [], seenAt: now }))
    expect(open().book.restore([...many, { peer: b, addresses: [], seenAt: now }])).toBe(2)
  })

  it('is one for each application in IndexedDB', async () => {
    const [one, other] = [await openBookStore('one'), await openBookStore('other')]
    const kept: KeptBook = {
      peers: [{ peer: a, addresses: [['/x', 1]], seenAt: 2 }],
      ways: [[b, 'websocket', 3]],
    }
    await one?.save(kept)
    expect([await one?.load(), await other?.load()]).toEqual([kept, undefined])
    one?.close()
    other?.close()
  })

  it('is written again when it could not be, and its store is closed all the same', async () => {
    let isFull = true
    let saves = 0
    let isClosed = false
    const store: BookStore = {
      load: () => Promise.resolve(undefined),
      save() {
        saves += 1
        return isFull ? Promise.reject(new Error('no room')) : Promise.resolve()
      },
      close: () => void (isClosed = true),
    }
    const tasks = new TaskGroup({ name: 'test', onError: () => {} })
    const { book } = open()
    const race = new TransportRace({
      limits: { knownRelays: 1, bookPeerTtlMs: hour },
      dial: () => Promise.reject(new Error('nobody')),
    })
    const kept = keepBook({ tasks, book, race, store, everyMs: hour })
    book.see(a, [])
    await expect(kept.finish()).rejects.toThrow('no room')
    expect(isClosed).toBe(true)
    isFull = false
    await kept.finish()
    expect(saves).toBe(2)
    await tasks.stop()
  })

  it('is written by a peer when it stops, and known to the next one', async () => {
    let written: KeptBook | undefined
    let isClosed = false
    const bookStore: BookStore = {
      load: () => Promise.resolve(written),
      save: book => Promise.resolve(void (written = structuredClone(book))),
      close: () => void (isClosed = true),
    }
    const mesh = openMesh()
    const relay = await startRelay()
    const [first, other] = [await mesh.peer([relay.url], { bookStore }), await mesh.peer([relay.url])]
    await Promise.all([stay(first, 'game'), stay(other, 'game')])
    await until('met', () => (first.book.get(other.id)?.addresses.length ?? 0) > 0)
    await first.stop()
    expect(isClosed).toBe(true)
    // What the relay was reached by is in it too.
    expect(written?.ways).toEqual([[expect.stringContaining('/ws'), 'websocket', expect.any(Number)]])
    const next = await mesh.peer([relay.url], { bookStore })
    expect(next.book.get(other.id)?.addresses.join()).toContain('/p2p-circuit')
    await until('reserved', () => next.relays.list()[0]?.state === 'reserved')
    // So it is reached without being introduced again.
    expect((await next.links.open(other.id)).kind).toMatch(/relayed|direct/)
  })

  it('takes the peers that leave it from the topics and from libp2p’s own store', async () => {
    const mesh = openMesh()
    const relay = await startRelay()
    const [first, other] = [await mesh.peer([relay.url]), await mesh.peer([relay.url])]
    const topic = await stay(first, 'game')
    await stay(other, 'game')
    await until('direct', () => first.links.get(other.id)?.kind === 'direct')
    await first.sweep()
    // The relay, and the other.
    expect(first.stats().book).toMatchObject({ peers: 1, stored: 2 })
    await other.stop()
    await until('no line', () => first.connectionsTo(other.id).length === 0)
    await first.links.close(other.id)
    expect(first.book.remove(other.id)).toBe(true)
    expect(topic.peers).toEqual([])
    await first.sweep()
    expect(first.stats().book).toMatchObject({ peers: 0, bytes: 0, stored: 1 })
  })

  it('warns once when it is nearly full [C4]', async () => {
    const load = (): Promise<KeptBook> =>
      Promise.resolve({ peers: [a, b].map(peer => ({ peer, addresses: [], seenAt: Date.now() })), ways: [] })
    const bookStore: BookStore = { load, save: () => Promise.resolve(), close() {} }
    const peer = await openMesh().peer([], { bookStore, limits: { bookPeers: 2 } })
    const warnings = record(peer, 'store:warning')
    for (let minute = 0; minute < 3; minute += 1) await peer.sweep()
    expect(warnings).toEqual([
      { type: 'store:warning', store: 'book', operations: 0, logs: 2, bytes: a.length + b.length, used: 1 },
    ])
    peer.book.removeMany([a, b])
    expect(peer.stats().book).toMatchObject({ peers: 0, operations: 2, bytes: 0 })
  })
})
