import { expect, test } from 'vitest'

import { unannouncedWays } from './unannounced-ways.ts'

const ports = { 'webrtc-direct': 8_081, webtransport: 8_082 }
const missing = (announce: string[], open: Parameters<typeof unannouncedWays>[0] = ports) =>
  unannouncedWays(open, announce).map(each => each.missing)

test('who announces a name alone is told the addresses of the ways beside it', () => {
  const expected = ['/ip4/<public IP>/udp/8081/webrtc-direct', '/dns4/example.org/udp/8082/quic-v1/webtransport']
  expect(missing(['example.org'])).toEqual(expected)
  expect(missing(['/dns4/example.org/tcp/443/wss'])).toEqual(expected)
})

test('who announces an IP address is told them with it', () => {
  expect(missing(['/ip6/2001:db8::1/tcp/80/ws'])).toEqual([
    '/ip6/2001:db8::1/udp/8081/webrtc-direct',
    '/ip6/2001:db8::1/udp/8082/quic-v1/webtransport',
  ])
})

test('what is announced, closed, or announced by itself is not missing', () => {
  expect(missing(['example.org', '/ip4/192.0.2.1/udp/9000/webrtc-direct'])).toEqual([
    '/dns4/example.org/udp/8082/quic-v1/webtransport',
  ])
  expect(missing(['example.org'], { 'webrtc-direct': undefined, webtransport: undefined })).toEqual([])
  expect(missing([])).toEqual([])
})
