import { BlockList, isIPv6 } from 'node:net'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { bitsOf, formatIp, formatIpPrefix, networkOf, parseIp, parseIpPrefix } from './ip-address.ts'

describe('an address', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:C000:0201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
    ['2001:0DB8::0:1', '2001:db8::1'],
    ['::', '::'],
    ['1::', '1::'],
    ['::1', '::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:2:3:4:5:6:0:8', '1:2:3:4:5:6:0:8'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
  ])('%s is spelled %s', (text, spelling) => {
    const ip = parseIp(text)
    expect(ip && formatIp(ip)).toBe(spelling)
  })

  test.each(['', 'localhost', '256.0.0.1', '1.2.3', '::1::', '1:2:3:4:5:6:7:8:9', '12345::', '192.0.2.1/24', ' ::1'])(
    '"%s" is none',
    text => {
      expect(parseIp(text)).toBeUndefined()
    },
  )

  test('any IPv6 address has one spelling, which is read as the same address', () => {
    fc.assert(
      fc.property(fc.ipV6(), text => {
        const ip = parseIp(text)
        if (ip === undefined) return
        expect(parseIp(formatIp(ip))).toEqual(ip)
        expect(ip.family === 4 || isIPv6(formatIp(ip))).toBe(true)
      }),
    )
  })
})

describe('a prefix', () => {
  test.each([
    ['192.0.2.77/24', '192.0.2.0/24'],
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['192.0.2.1/32', '192.0.2.1/32'],
    ['::ffff:192.0.2.77/120', '192.0.2.0/24'],
    ['2001:db8:1:2:3::4/64', '2001:db8:1:2::/64'],
    ['::/0', '::/0'],
  ])('%s is %s', (text, spelling) => {
    const prefix = parseIpPrefix(text)
    expect(prefix && formatIpPrefix(prefix)).toBe(spelling)
  })

  test.each(['192.0.2.0', '192.0.2.0/33', '::1/129', '10.0.0.0/8/8', '10.0.0.0/', '10.0.0.0/x', '::ffff:1.2.3.4/95'])(
    '%s is none',
    text => {
      expect(parseIpPrefix(text)).toBeUndefined()
    },
  )

  test('contains what Node says that it contains', () => {
    const ipv4 = fc.ipV4()
    fc.assert(
      fc.property(ipv4, fc.integer({ min: 0, max: 32 }), ipv4, (network, bits, address) => {
        const list = new BlockList()
        list.addSubnet(network, bits, 'ipv4')
        const prefix = parseIpPrefix(`${network}/${bits}`)
        const ip = parseIp(address)
        expect(ip !== undefined && networkOf(ip, bits) === prefix?.value).toBe(list.check(address, 'ipv4'))
      }),
    )
    expect(bitsOf(6)).toBe(128)
  })
})
