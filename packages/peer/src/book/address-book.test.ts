import type { PeerId } from '@tsugi/protocol'
import { describe, expect, it } from 'vitest'

import { PeerBook } from './address-book.ts'

const hour = 3_600_000
const id = (name: string): PeerId => name as PeerId

function openBook(bookPeers = 1_000) {
  const clock = { now: 0 }
  const told: string[] = []
  const book = new PeerBook({
    limits: { bookPeers, bookAddressesPerPeer: 2, bookAddressTtlMs: hour, bookPeerTtlMs: 6 * hour },
    now: () => clock.now,
    onSeen: peer => told.push(`${peer} seen`),
    onGone: (peer, reason) => told.push(`${peer} ${reason}`),
  })
  return { book, clock, told }
}

describe('the address book [C1]', () => {
  it('forgets an address after an hour and a peer after six', () => {
    const { book, clock, told } = openBook()
    book.see(id('a'), ['/x', '/y'])
    clock.now = hour / 2
    book.see(id('a'), ['/y'])
    clock.now = hour
    expect(book.get(id('a'))).toEqual({ peer: 'a', addresses: ['/y'], seenAt: hour / 2 })
    clock.now = 2 * hour
    book.sweep()
    expect(book.get(id('a'))?.addresses).toEqual([])
    clock.now = 6.5 * hour
    expect(book.sweep()).toBe(1)
    expect(book.size).toBe(0)
    expect(told).toEqual(['a seen', 'a expired'])
  })

  it('tells how many changes it has seen, how many peers it holds and about how many bytes they have [C4]', () => {
    const { book } = openBook()
    expect(book.reading()).toEqual({ operations: 0, logs: 0, bytes: 0 })
    book.see(id('a'), ['/x', '/y'])
    book.see(id('bc'), [])
    expect(book.reading()).toEqual({ operations: 2, logs: 2, bytes: 7 })
    book.remove(id('a'))
    expect(book.reading()).toEqual({ operations: 3, logs: 1, bytes: 2 })
  })

  it('is bounded: the least recently seen peer leaves first, and a touch counts as seen', () => {
    const { book, told } = openBook(2)
    book.see(id('a'), [])
    book.see(id('b'), [])
    expect(book.touch(id('a'))).toBe(true)
    book.see(id('c'), [])
    expect(book.list().map(({ peer }) => peer)).toEqual(['a', 'c'])
    expect(told).toContain('b evicted')
    expect(book.touch(id('b'))).toBe(false)
  })

  it('keeps so many addresses of one peer, and says whether one is new', () => {
    const { book } = openBook()
    expect(book.see(id('a'), ['/x'])).toBe(true)
    expect(book.see(id('a'), ['/x'])).toBe(false)
    expect(book.see(id('a'), ['/y', '/z'])).toBe(true)
    expect(book.get(id('a'))?.addresses).toEqual(['/y', '/z'])
  })

  it('removes one or many', () => {
    const { book, told } = openBook()
    for (const name of ['a', 'b', 'c']) book.see(id(name), [])
    expect(book.remove(id('a'))).toBe(true)
    expect(book.removeMany([id('a'), id('b'), id('c')])).toBe(2)
    expect(told.slice(3)).toEqual(['a removed', 'b removed', 'c removed'])
  })
})
