import { expect, test } from 'vitest'

import { networkOrigin } from './network-origin.ts'

const addresses = [
  '/ip4/127.0.0.1/tcp/8080/ws/p2p/12D3KooWA',
  '/ip4/192.0.2.7/udp/8081/webrtc-direct/certhash/uEi/p2p/12D3KooWA',
  '/ip4/192.0.2.7/tcp/8080/ws/p2p/12D3KooWA',
]

test.each([
  ['http://127.0.0.1:8080/', 'http://192.0.2.7:8080'],
  ['http://localhost:8080/#/play/x', 'http://192.0.2.7:8080'],
  // A development server in front of the relay has another port.
  ['http://localhost:5173/', null],
  ['http://192.0.2.7:8080/', null],
  ['https://go.example/', null],
])('%s is found by other devices at %s', (page, origin) => {
  expect(networkOrigin(new URL(page), addresses)).toBe(origin)
})

test('a relay on loopback only is found by nobody else', () => {
  expect(networkOrigin(new URL('http://localhost:8080/'), addresses.slice(0, 1))).toBeNull()
})
