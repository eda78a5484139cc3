import { describe, expect, test } from 'vitest'

import { RelayError } from '../relay-error.ts'
import { announcedAddresses, concreteHosts, parseAnnounced, stunHosts } from './announced-addresses.ts'

const at = (address: string, family: 'IPv4' | 'IPv6', internal = false) => ({
  address,
  family,
  internal,
  netmask: '',
  mac: '',
  cidr: null,
  ...(family === 'IPv6' ? { scopeid: 0 } : {}),
})
const interfaces = {
  lo: [at('127.0.0.1', 'IPv4', true), at('::1', 'IPv6', true)],
  eth0: [at('203.0.113.5', 'IPv4'), at('2001:db8::5', 'IPv6'), at('fe80::5', 'IPv6')],
} as never

describe('concreteHosts', () => {
  test('a wildcard becomes the addresses of the machine, its own last', () => {
    expect(concreteHosts('0.0.0.0', interfaces)).toEqual(['203.0.113.5', '127.0.0.1'])
    expect(concreteHosts('::', interfaces)).toEqual(['203.0.113.5', '2001:db8::5', '127.0.0.1', '::1'])
  })

  test('anything else is itself', () => {
    expect(concreteHosts('192.0.2.1', interfaces)).toEqual(['192.0.2.1'])
  })
})

describe('parseAnnounced', () => {
  test.each([
    ['example.org', '/dns4/example.org/tcp/443/wss'],
    ['Relay.Example.org:8443', '/dns4/relay.example.org/tcp/8443/wss'],
    ['/ip4/203.0.113.5/udp/8081/webrtc-direct', '/ip4/203.0.113.5/udp/8081/webrtc-direct'],
  ])('%s announces %s', (text, announced) => {
    expect(parseAnnounced(text).toString()).toBe(announced)
  })

  test.each([
    '',
    'http://example.org',
    '/nonsense/1',
    '/ip4/192.0.2.1',
    '/ip4/192.0.2.1/tcp/4001',
    '192.0.2.1',
    'example.org:0',
    'example.org:99999',
    'a b',
  ])('says no to "%s"', text => {
    expect(() => parseAnnounced(text)).toThrow(RelayError)
  })
})

describe('announcedAddresses', () => {
  test('names WebSocket and WebRTC-direct at a bound address', () => {
    const addresses = announcedAddresses({ host: '192.0.2.1', tcpPort: 80, udpPort: 81 }, [])
    expect(addresses.map(String)).toEqual(['/ip4/192.0.2.1/tcp/80/ws', '/ip4/192.0.2.1/udp/81/webrtc-direct'])
  })

  test('writes IPv6 as such', () => {
    expect(announcedAddresses({ host: '::1', tcpPort: 80 }, []).map(String)).toEqual(['/ip6/::1/tcp/80/ws'])
  })

  test('what the operator announces stands instead of the machine’s addresses', () => {
    const addresses = announcedAddresses({ host: '0.0.0.0', tcpPort: 80, udpPort: 81 }, ['example.org'])
    expect(addresses.map(String)).toEqual(['/dns4/example.org/tcp/443/wss'])
  })
})

describe('stunHosts', () => {
  test('are the announced names, or the machine’s addresses', () => {
    expect(stunHosts('0.0.0.0', ['example.org', '/dns4/example.org/tcp/1/wss', '/ip4/203.0.113.5/tcp/1/ws'])).toEqual([
      'example.org',
      '203.0.113.5',
    ])
    expect(stunHosts('127.0.0.1', [])).toEqual(['127.0.0.1'])
  })
})
