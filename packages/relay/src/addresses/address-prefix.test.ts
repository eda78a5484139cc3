import { describe, expect, test } from 'vitest'

import { RelayError } from '../relay-error.ts'
import { addressKey, createAddressSet, normalizeAddress } from './address-prefix.ts'

describe('addressKey', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::ffff', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::1', '2001:db8:1:2::/64'],
    ['::1', '::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['64:ff9b::192.0.2.1', '64:ff9b::/64'],
    ['example.org', 'example.org'],
  ])('%s counts as %s', (address, key) => {
    expect(addressKey(address)).toBe(key)
  })

  test('a /64 counts as one, and its neighbour as another', () => {
    expect(addressKey('2001:db8::1')).toBe(addressKey('2001:db8::ffff:1'))
    expect(addressKey('2001:db8::1')).not.toBe(addressKey('2001:db8:0:1::1'))
  })
})

test('an IPv4 address on an IPv6 socket is an IPv4 address', () => {
  expect(normalizeAddress('::FFFF:10.0.0.1')).toBe('10.0.0.1')
})

describe('createAddressSet', () => {
  test('holds addresses and prefixes of both families', () => {
    const set = createAddressSet(['10.0.0.0/8', '192.0.2.7', 'fd00::/8', '::1'])
    for (const inside of ['10.255.0.1', '::ffff:10.1.2.3', '192.0.2.7', 'fd12::1', '::1'])
      expect(set.has(inside)).toBe(true)
    for (const outside of ['11.0.0.1', '192.0.2.8', 'fe80::1', '::2', 'nonsense', ''])
      expect(set.has(outside)).toBe(false)
  })

  test.each(['10.0.0.0/33', '10.0.0/8', 'proxy.example', '::1/129', '10.0.0.1/8/8', '10.0.0.1/', '10.0.0.1/x'])(
    'says no to %s',
    entry => {
      expect(() => createAddressSet([entry])).toThrow(RelayError)
    },
  )
})
