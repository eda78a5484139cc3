import { describe, expect, it } from 'vitest'

import { parseRelaySource } from './relay-source.ts'

describe('parseRelaySource', () => {
  it.each([
    ['https://relay.example', '/dns4/relay.example/tcp/443/wss'],
    ['http://relay.example', '/dns4/relay.example/tcp/80/ws'],
    ['http://192.168.1.5:8080/some/page', '/ip4/192.168.1.5/tcp/8080/ws'],
    ['ws://localhost:8080', '/dns4/localhost/tcp/8080/ws'],
    ['wss://[2001:db8::1]:444', '/ip6/2001:db8::1/tcp/444/wss'],
  ])('finds the WebSocket of %s at its own host and port', (text, address) => {
    expect(parseRelaySource(text)).toMatchObject({ kind: 'url', text, ownAddress: address })
  })

  it('describes a WebSocket URL by HTTP', () => {
    const source = parseRelaySource('wss://relay.example:1')
    expect(source.kind === 'url' && source.url.href).toBe('https://relay.example:1/')
  })

  it('takes multiaddrs', () => {
    expect(parseRelaySource('/ip4/127.0.0.1/tcp/1/ws')).toEqual({
      kind: 'multiaddr',
      text: '/ip4/127.0.0.1/tcp/1/ws',
      address: '/ip4/127.0.0.1/tcp/1/ws',
    })
  })

  it.each([
    '',
    'relay.example',
    'ftp://relay.example',
    'javascript:alert(1)',
    '/ip4/nowhere/tcp/1',
    '/nonsense',
    'http://',
  ])('refuses "%s"', text => {
    expect(() => parseRelaySource(text)).toThrow(expect.objectContaining({ code: 'relay/invalid-address' }))
  })
})
