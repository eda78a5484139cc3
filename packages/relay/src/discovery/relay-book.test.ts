import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'

import { RelayBook } from './relay-book.ts'
import { parseRelayName } from './relay-name.ts'

const peers = [
  '12D3KooWFDByrvZjnSNpbHcwXXtuUjwwweuZSYLmd9X8qGbbnj98',
  '12D3KooWEHervkuySkCwRAuWvA7J5ZeCZFTBCwuySiVVQErxGm3j',
  '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5',
] as const
const at = (port: number) => [multiaddr(`/ip4/192.0.2.1/tcp/${port}/ws`)]

function setUp(names: string[] = [], knownRelays = 100) {
  const clock = { now: 0 }
  const book = new RelayBook({
    limits: { knownRelays },
    names: names.map(parseRelayName),
    now: () => clock.now,
    random: () => 1,
  })
  return { book, clock }
}

describe('the book of relays', () => {
  it('knows those that were named once each, and tries them for ever, more and more slowly', () => {
    const { book, clock } = setUp(['https://a.example', 'https://a.example'])
    expect(book.size).toBe(1)
    const waits: (number | undefined)[] = []
    for (let round = 0; round < 10; round += 1) {
      const [known] = book.due()
      expect(known?.key).toBe('https://a.example')
      if (known === undefined) break
      waits.push(book.failed(known))
      clock.now = known.retryAtMs
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000, 30_000])
  })

  it('forgets one that was only heard of after a few tries that led nowhere', () => {
    const { book, clock } = setUp()
    expect(book.learn(peers[0], at(1))).toBe(true)
    for (let tries = 0; tries < 4; tries += 1) {
      clock.now += 60_000
      const [known] = book.due()
      if (known !== undefined) book.failed(known)
    }
    expect(book.size).toBe(0)
    expect(book.due()).toEqual([])
  })

  it('remembers no more than knownRelays, and the named ones always [B9]', () => {
    const { book } = setUp(['https://a.example'], 2)
    for (const [index, peer] of peers.entries()) book.learn(peer, at(index + 1))
    expect(book.size).toBe(2)
    expect(book.due().map(({ key }) => key)).toEqual(['https://a.example', peers[2]])
  })

  it('an unmet one is forgotten after an hour', () => {
    const { book, clock } = setUp()
    book.learn(peers[0], at(1))
    clock.now = 60 * 60_000
    expect(book.due()).toEqual([])
    expect(book.size).toBe(0)
  })

  it('addresses of another peer are none of this one’s', () => {
    const { book } = setUp()
    book.learn(peers[0], [multiaddr(`/ip4/192.0.2.1/tcp/1/ws/p2p/${peers[1]}`), ...at(2)])
    expect(book.due()[0]?.addresses.map(String)).toEqual([`/ip4/192.0.2.1/tcp/2/ws/p2p/${peers[0]}`])
    expect(book.learn(peers[0], at(3))).toBe(false)
    expect(book.learn(peers[1], [])).toBe(false)
  })

  it('one that was named by its peer id alone is never tried: it comes', () => {
    const { book } = setUp([`/p2p/${peers[0]}`])
    expect(book.due()).toEqual([])
    expect(book.find(peers[0])?.name?.text).toBe(`/p2p/${peers[0]}`)
  })
})

describe('the name of a relay', () => {
  it.each(['', 'relay.example', 'ftp://relay.example', '/nonsense', 'http://'])('is not "%s"', text => {
    expect(() => parseRelayName(text)).toThrow(expect.objectContaining({ code: 'relay/invalid-config' }))
  })
})
