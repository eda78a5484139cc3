import type { MultiaddrConnection, PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { defaultLimits } from '@tsugi/protocol'
import { describe, expect, test } from 'vitest'

import { Refusals } from '../refusals.ts'
import { createAdmission } from './admission.ts'

/** A raw connection as far as admission looks at it. */
class FakeConnection extends EventTarget {
  status = 'open'
  readonly remoteAddr

  constructor(host: string) {
    super()
    this.remoteAddr = multiaddr(`/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/tcp/1/ws`)
  }

  end(): void {
    this.status = 'closed'
    this.dispatchEvent(new Event('close'))
  }
}
const peerNamed = (name: string) => ({ toString: () => name }) as PeerId

function setUp(limits: Partial<typeof defaultLimits> = {}) {
  const clock = { now: 0 }
  const refusals = new Refusals()
  const admission = createAdmission({
    limits: () => ({ ...defaultLimits, addressJoinsPerSecond: 1_000, ...limits }),
    isOverloaded: () => false,
    refusals,
    bans: { ofPeer: () => undefined, ofAddress: () => undefined },
    mayDial: address => address.equals(multiaddr('/ip4/203.0.113.1/tcp/443/wss')),
    now: () => clock.now,
  })
  const connect = (host: string, peer: string): FakeConnection | undefined => {
    const connection = new FakeConnection(host)
    const raw = connection as unknown as MultiaddrConnection
    if (admission.gater.denyInboundConnection?.(raw) === true) return undefined
    if (admission.gater.denyInboundEncryptedConnection?.(peerNamed(peer), raw) !== true) return connection
    connection.end()
    return undefined
  }
  return { admission, refusals, connect, clock }
}

describe('peers of the relay', () => {
  test('end at relayPeers, and room comes back when one leaves', () => {
    const { connect, refusals } = setUp({ relayPeers: 2 })
    const first = connect('192.0.2.1', 'a')
    expect(connect('192.0.2.2', 'b')).toBeDefined()
    expect(connect('192.0.2.3', 'c')).toBeUndefined()
    expect(refusals.counts()).toEqual({ 'relay/peers': 1 })
    first?.end()
    expect(connect('192.0.2.3', 'c')).toBeDefined()
  })

  test('a second connection of a peer that is here needs no room', () => {
    const { connect, admission } = setUp({ relayPeers: 1 })
    expect(connect('192.0.2.1', 'a')).toBeDefined()
    expect(connect('192.0.2.1', 'a')).toBeDefined()
    expect(admission.peers).toBe(1)
  })

  test('one peer cannot hold connections without end', () => {
    const { connect, refusals } = setUp()
    const open = Array.from({ length: 20 }, () => connect('192.0.2.1', 'a')).filter(each => each !== undefined)
    expect(open.length).toBe(8)
    expect(refusals.counts()['peer/connections']).toBe(12)
  })
})

describe('peers of an address', () => {
  test('end at addressPeers, while other addresses go on', () => {
    const { connect, refusals } = setUp({ addressPeers: 3 })
    const names = ['a', 'b', 'c', 'd']
    expect(names.map(name => connect('192.0.2.1', name) !== undefined)).toEqual([true, true, true, false])
    expect(connect('192.0.2.2', 'd')).toBeDefined()
    expect(refusals.counts()).toEqual({ 'address/peers': 1 })
  })

  test('an IPv6 /64 counts as one address', () => {
    const { connect } = setUp({ addressPeers: 1 })
    expect(connect('2001:db8::1', 'a')).toBeDefined()
    expect(connect('2001:db8::2', 'b')).toBeUndefined()
    expect(connect('2001:db8:0:1::2', 'b')).toBeDefined()
  })

  test('connections that never finish their handshake are bounded too, and freed when they end', () => {
    const { admission } = setUp({ addressPeers: 2 })
    const open = Array.from({ length: 10 }, () => new FakeConnection('192.0.2.1'))
    const denied = open.map(each => admission.gater.denyInboundConnection?.(each as unknown as MultiaddrConnection))
    expect(denied.filter(each => each === false).length).toBe(4)
    for (const each of open) each.end()
    expect(admission.gater.denyInboundConnection?.(new FakeConnection('192.0.2.1') as never)).toBe(false)
  })

  test('nothing is remembered once everybody has gone', () => {
    const { connect, admission } = setUp()
    for (const name of ['a', 'b', 'c']) connect('192.0.2.1', name)?.end()
    expect(admission.peers).toBe(0)
  })

  test('a connection that closed while it was judged holds nothing', () => {
    const { admission } = setUp()
    const connection = new FakeConnection('192.0.2.1')
    connection.end()
    void admission.gater.denyInboundEncryptedConnection?.(peerNamed('a'), connection as never)
    expect(admission.peers).toBe(0)
  })

  test('a connection that was admitted, and closed during its handshake, holds nothing', () => {
    const { admission, connect } = setUp({ relayPeers: 1 })
    const connection = new FakeConnection('192.0.2.1')
    void admission.gater.denyInboundConnection?.(connection as never)
    connection.end()
    void admission.gater.denyInboundEncryptedConnection?.(peerNamed('a'), connection as never)
    expect(admission.peers).toBe(0)
    expect(connect('192.0.2.1', 'b')).toBeDefined()
  })
})

describe('joins of an address', () => {
  test('end at two seconds’ worth, and come back with time', () => {
    const { connect, clock, refusals } = setUp({ addressJoinsPerSecond: 2 })
    const joined = Array.from({ length: 6 }, (_, index) => connect('192.0.2.1', `p${index}`) !== undefined)
    expect(joined.filter(Boolean).length).toBe(4)
    expect(refusals.counts()).toEqual({ 'address/joins': 2 })
    expect(connect('192.0.2.9', 'other')).toBeDefined()
    clock.now += 500
    expect(connect('192.0.2.1', 'late')).toBeDefined()
    expect(connect('192.0.2.1', 'later')).toBeUndefined()
  })

  test('have no end when the limit is off', () => {
    const { connect } = setUp({
      addressJoinsPerSecond: Number.POSITIVE_INFINITY,
      addressPeers: Number.POSITIVE_INFINITY,
    })
    expect(Array.from({ length: 500 }, (_, index) => connect('192.0.2.1', `p${index}`)).every(Boolean)).toBe(true)
  })
})

test('after close nobody is admitted', () => {
  const { admission, connect, refusals } = setUp()
  admission.close()
  expect(connect('192.0.2.1', 'a')).toBeUndefined()
  expect(refusals.counts()).toEqual({ 'relay/draining': 1 })
})

test('only addresses that the operator named are dialled', () => {
  const { admission } = setUp()
  const denies = (address: string) => admission.gater.denyDialMultiaddr?.(multiaddr(address))
  expect(denies('/ip4/203.0.113.1/tcp/443/wss')).toBe(false)
  for (const address of [
    '/ip4/169.254.169.254/tcp/80/ws',
    '/ip4/127.0.0.1/tcp/22/ws',
    '/ip4/203.0.113.2/tcp/443/wss',
    '/dns4/localhost/tcp/1/ws',
  ]) {
    expect(denies(address)).toBe(true)
  }
})
