import { describe, expect, it } from 'vitest'

import { parseRelayHint, placeOf } from './relay-hint.ts'
import { parseRelaySource } from './relay-source.ts'

const hint = (text: string, from: string) => parseRelayHint(text, parseRelaySource(from))?.text

describe('what one relay says about another', () => {
  it.each([
    ['https://b.example', 'https://a.example'],
    ['https://b.example', 'http://192.168.1.2:8080'],
    ['http://192.168.1.3:8080', 'http://192.168.1.2:8080'],
    ['http://127.0.0.1:2', 'http://localhost:1'],
    ['/dns4/b.example/tcp/443/wss', 'https://a.example'],
  ])('%s is believed of %s', (text, from) => {
    expect(hint(text, from)).toBe(text)
  })

  it.each([
    ['a door in the user’s network', 'https://192.168.1.1', 'https://a.example'],
    ['this machine', 'https://localhost', 'https://a.example'],
    ['this machine, from a house’s relay', 'http://127.0.0.1:6379', 'http://192.168.1.2:8080'],
    ['the cloud’s metadata', 'http://169.254.169.254', 'http://127.0.0.1:1'],
    ['a relay without TLS, on a secure page', 'http://b.example', 'https://a.example'],
    ['a script', 'javascript:alert(1)', 'https://a.example'],
    ['nothing', '', 'https://a.example'],
    ['a circuit', '/p2p-circuit', 'https://a.example'],
  ])('%s is not', (_, text, from) => {
    expect(hint(text, from)).toBeUndefined()
  })

  it('a URL and a multiaddr of one place are one relay', () => {
    const id = '12D3KooWFDByrvZjnSNpbHcwXXtuUjwwweuZSYLmd9X8qGbbnj98'
    const places = ['http://127.0.0.1:1', '/ip4/127.0.0.1/tcp/1/ws', `/ip4/127.0.0.1/tcp/1/ws/p2p/${id}`]
    expect(new Set(places.map(text => placeOf(parseRelaySource(text)))).size).toBe(1)
  })
})
