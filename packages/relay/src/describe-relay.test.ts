import { defaultLimits, parseWellKnown, resolveLimits } from '@tsugi/protocol'
import { expect, test } from 'vitest'

import { type RelayFacts, describeRelay, stunUris } from './describe-relay.ts'

const facts: RelayFacts = {
  peerId: '12D3KooWExample',
  multiaddrs: ['/ip4/192.0.2.1/tcp/80/ws/p2p/12D3KooWExample'],
  stun: ['stun:192.0.2.1:3478'],
  apps: ['default', 'my-game'],
  limits: defaultLimits,
  load: { peers: 1, reservations: 1, circuits: 0 },
  isDraining: false,
}

test('[W1] what a relay says of itself is read back whole', () => {
  const read = parseWellKnown(JSON.stringify(describeRelay(facts)))
  expect(read).toMatchObject({
    ok: true,
    value: { peerId: facts.peerId, apps: facts.apps, load: { room: true }, limits: { gameMoves: 500 } },
  })
})

test('a limit that is off is absent, and the document can still be read', () => {
  const limits = resolveLimits({ circuitBytes: Number.POSITIVE_INFINITY })
  const read = parseWellKnown(JSON.stringify(describeRelay({ ...facts, limits })))
  expect(read.ok && 'circuitBytes' in read.value.limits).toBe(false)
})

test('there is no room when it is nearly full, and none while it drains', () => {
  const full = describeRelay({ ...facts, load: { peers: 9_500, reservations: 0, circuits: 0 } })
  expect(full.load.room).toBe(false)
  const draining = describeRelay({ ...facts, isDraining: true })
  expect(draining).toMatchObject({ draining: true, load: { room: false } })
})

test('long lists are cut to what a reader accepts', () => {
  const many = Array.from({ length: 50 }, (_, index) => `/ip4/192.0.2.${index}/tcp/80/ws`)
  expect(parseWellKnown(JSON.stringify(describeRelay({ ...facts, multiaddrs: many }))).ok).toBe(true)
})

test('STUN addresses put IPv6 in brackets', () => {
  expect(stunUris(['2001:db8::1', 'example.org'], 3478)).toEqual(['stun:[2001:db8::1]:3478', 'stun:example.org:3478'])
})

test('[W4] region and other relays are told where there are any', () => {
  const told = describeRelay({ ...facts, region: 'Kansai', relays: ['https://other.example'] })
  const read = parseWellKnown(JSON.stringify(told))
  expect(read).toMatchObject({ ok: true, value: { region: 'Kansai', relays: ['https://other.example'] } })
  expect(Object.keys(describeRelay({ ...facts, relays: [] }))).not.toContain('relays')
})
