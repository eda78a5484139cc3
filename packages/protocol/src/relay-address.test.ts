import { describe, expect, it } from 'vitest'

import { webOriginOf, webSocketAddressOf } from './relay-address.ts'

const origins: [string, string][] = [
  ['https://relay.example', '/dns4/relay.example/tcp/443/wss'],
  ['https://relay.example:8443', '/dns4/relay.example/tcp/8443/wss'],
  ['http://192.168.1.5:8080', '/ip4/192.168.1.5/tcp/8080/ws'],
  ['http://[2001:db8::1]', '/ip6/2001:db8::1/tcp/80/ws'],
]

describe('a relay’s origin and its WebSocket', () => {
  it.each(origins)('%s is %s, and back', (origin, address) => {
    expect(webSocketAddressOf(new URL(origin))).toBe(address)
    expect(webOriginOf(`${address}/p2p/12D3KooWFDByrvZjnSNpbHcwXXtuUjwwweuZSYLmd9X8qGbbnj98`)).toBe(origin)
  })

  it.each([
    '/dns4/relay.example/tcp/443',
    '/ip4/1.2.3.4/udp/1/webrtc-direct/certhash/x',
    '/ip4/1.2.3.4/tcp/80/ws/p2p/12D3/p2p-circuit',
    'https://relay.example',
    '',
  ])('%s has none', address => {
    expect(webOriginOf(address)).toBeUndefined()
  })

  it('knows the longer form of a secure WebSocket', () => {
    expect(webOriginOf('/dns/relay.example/tcp/443/tls/ws')).toBe('https://relay.example')
  })
})
