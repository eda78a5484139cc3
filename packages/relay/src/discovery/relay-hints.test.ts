import { type WellKnown, maxRelayHints } from '@tsugi/protocol'
import { expect, test } from 'vitest'

import { relayHints } from './relay-hints.ts'

type Change = Partial<Omit<WellKnown, 'load'>> & { readonly peers?: number; readonly room?: boolean }

const fellow = (host: string, { peers = 0, room = true, ...change }: Change = {}) => ({
  described: {
    version: 1 as const,
    protocol: 'tsugi/1' as const,
    peerId: host,
    multiaddrs: [`/dns4/${host}/tcp/443/wss`],
    stun: [],
    apps: 'any' as const,
    limits: { relayPeers: 100, relayReservations: 100 },
    load: { peers, reservations: 0, circuits: 0, room },
    draining: false,
    ...change,
  },
})

test('room goes before region, region before load, and who drains is left out [B9]', () => {
  const fellows = [
    fellow('full.example', { room: false, region: 'here' }),
    fellow('far-busy.example', { peers: 80 }),
    fellow('far.example'),
    fellow('near-busy.example', { region: 'here', peers: 90 }),
    fellow('near.example', { region: 'here' }),
    fellow('draining.example', { region: 'here', draining: true }),
  ]
  expect(relayHints(fellows, 'here')).toEqual([
    'https://near.example',
    'https://near-busy.example',
    'https://far.example',
    'https://far-busy.example',
    'https://full.example',
  ])
})

test('a public name goes before one within a network, and what it announces before what we call it', () => {
  const multiaddrs = ['/ip4/10.0.0.2/tcp/8080/ws', '/ip4/93.184.216.34/tcp/8080/ws', '/dns4/relay.example/tcp/443/wss']
  expect(relayHints([{ ...fellow('a', { multiaddrs }), url: new URL('http://10.0.0.2:8080') }], undefined)).toEqual([
    'https://relay.example',
  ])
  const inside = fellow('b', { multiaddrs: ['/ip4/172.17.0.2/tcp/8080/ws'] })
  expect(relayHints([{ ...inside, url: new URL('http://10.0.0.2:9000') }], undefined)).toEqual(['http://10.0.0.2:9000'])
  expect(relayHints([inside], undefined)).toEqual(['http://172.17.0.2:8080'])
  expect(relayHints([fellow('c', { multiaddrs: ['/ip4/1.2.3.4/udp/1/webrtc-direct'] })], undefined)).toEqual([])
})

test('no more are named than a reader accepts, each once', () => {
  const many = Array.from({ length: 40 }, (_, index) => fellow(`relay${index % 20}.example`))
  expect(relayHints(many, undefined)).toHaveLength(maxRelayHints)
})
