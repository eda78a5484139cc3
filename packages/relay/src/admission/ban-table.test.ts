import fc from 'fast-check'
import { expect, test } from 'vitest'

import { formatIp, networkOf, parseIp, parseIpPrefix } from '../addresses/ip-address.ts'
import { BanTable } from './ban-table.ts'
import { type Ban, parseBan } from './ban.ts'

let nextId = 0
function banOf(kind: Ban['kind'], text: string, expiresAtMs: number | null = null): Ban {
  const parsed = parseBan({ kind, value: text }, 0)
  if (!parsed.ok) throw new Error(parsed.message)
  nextId += 1
  return { id: String(nextId), kind, value: parsed.value, reason: '', createdAtMs: 0, expiresAtMs }
}

test('[B7] an address is banned however it is written', () => {
  const table = new BanTable(() => 0)
  table.set(banOf('address', '::ffff:192.0.2.1'))
  table.set(banOf('address', '2001:DB8:0::1'))
  for (const text of ['192.0.2.1', '::ffff:192.0.2.1', '::ffff:c000:201', '2001:db8::1', '2001:db8::1%eth0']) {
    expect(table.ofAddress(text)).toBeDefined()
  }
  for (const text of ['192.0.2.2', '2001:db8::2', 'localhost', '']) expect(table.ofAddress(text)).toBeUndefined()
})

test('[B7] a ban whose time is over binds nobody, swept or not', () => {
  let now = 0
  const table = new BanTable(() => now)
  for (const [kind, text] of [
    ['address', '192.0.2.1'],
    ['prefix', '198.51.100.0/24'],
    ['peer', '12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf'],
  ] as const) {
    table.set(banOf(kind, text, 1_000))
  }
  expect(table.ofAddress('192.0.2.1')).toBeDefined()
  now = 1_000
  expect(table.ofAddress('192.0.2.1')).toBeUndefined()
  expect(table.ofAddress('198.51.100.7')).toBeUndefined()
  expect(table.ofPeer('12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf')).toBeUndefined()
  expect(table.list()).toEqual([])
  expect(table.expired().length).toBe(3)
})

test('[B7] a wider network still binds when a narrower one around the address has expired', () => {
  const table = new BanTable(() => 10)
  table.set(banOf('prefix', '192.0.2.0/24', 5))
  const wide = banOf('prefix', '192.0.0.0/16')
  table.set(wide)
  expect(table.ofAddress('192.0.2.1')).toBe(wide)
})

test('[B7] any set of networks and addresses binds exactly who is in one of them, through additions and removals', () => {
  // Few different networks, so that they really meet.
  const ipv4 = fc.tuple(fc.nat(3), fc.nat(3)).map(([a, b]) => `10.${a}.${b}.1`)
  const ipv6 = fc.tuple(fc.nat(3), fc.nat(3)).map(([a, b]) => `2001:${a}:${b}::1`)
  const prefix = fc.oneof(
    fc.tuple(ipv4, fc.integer({ min: 1, max: 32 })).map(([text, bits]) => `${text}/${bits}`),
    fc.tuple(ipv6, fc.integer({ min: 1, max: 128 })).map(([text, bits]) => `${text}/${bits}`),
  )
  const entry = fc.oneof(
    fc.record({ kind: fc.constant('prefix' as const), text: prefix }),
    fc.record({ kind: fc.constant('address' as const), text: fc.oneof(ipv4, ipv6) }),
  )
  const contains = (ban: Ban, address: string): boolean => {
    const ip = parseIp(address)
    if (ban.kind === 'address') return ip !== undefined && ban.value === formatIp(ip)
    const network = parseIpPrefix(ban.value)
    return (
      ip !== undefined &&
      network?.family === ip.family &&
      networkOf(ip, network.bits) === networkOf(network, network.bits)
    )
  }
  fc.assert(
    fc.property(
      fc.array(entry, { maxLength: 30 }),
      fc.array(fc.nat(29)),
      fc.array(fc.oneof(ipv4, ipv6), { minLength: 1 }),
      (entries, removals, addresses) => {
        const table = new BanTable(() => 0)
        const added = entries.map(({ kind, text }) => {
          const ban = banOf(kind, text)
          table.set(ban)
          return ban
        })
        for (const index of removals) table.remove(added[index]?.id ?? '')
        const bans = table.list()
        expect(bans.length).toBe(table.size)
        for (const address of addresses) {
          expect(table.ofAddress(address) !== undefined).toBe(bans.some(each => contains(each, address)))
        }
        for (const { id } of bans) table.remove(id)
        for (const address of addresses) expect(table.ofAddress(address)).toBeUndefined()
      },
    ),
  )
})
