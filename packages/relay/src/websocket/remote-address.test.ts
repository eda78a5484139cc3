import { expect, test } from 'vitest'

import { createAddressSet } from '../addresses/address-prefix.ts'
import { remoteAddressOf } from './remote-address.ts'

const proxies = createAddressSet(['127.0.0.1', '10.0.0.0/8'])
function from(remoteAddress: string, forwarded?: string): string {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  return remoteAddressOf({ headers, socket: { remoteAddress } as never }, proxies)
}

test('the header of a stranger is not believed', () => {
  expect(from('192.0.2.1', '203.0.113.9')).toBe('192.0.2.1')
})

test('a trusted proxy says who is behind it', () => {
  expect(from('127.0.0.1', '203.0.113.9')).toBe('203.0.113.9')
  expect(from('::ffff:127.0.0.1', '203.0.113.9')).toBe('203.0.113.9')
})

test('what a client wrote before the proxy added its address is not believed', () => {
  expect(from('127.0.0.1', '1.1.1.1, 203.0.113.9')).toBe('203.0.113.9')
})

test('a chain of trusted proxies is followed to the first that is none', () => {
  expect(from('127.0.0.1', '1.1.1.1, 203.0.113.9, 10.1.1.1, 10.2.2.2')).toBe('203.0.113.9')
})

test('nonsense ends the reading at the last address that was written by a trusted proxy', () => {
  expect(from('127.0.0.1', '203.0.113.9, unknown, 10.1.1.1')).toBe('10.1.1.1')
  expect(from('127.0.0.1', '')).toBe('127.0.0.1')
  expect(from('127.0.0.1')).toBe('127.0.0.1')
})

test('ports and brackets are read as some proxies write them', () => {
  expect(from('127.0.0.1', '203.0.113.9:4711')).toBe('203.0.113.9')
  expect(from('127.0.0.1', '[2001:db8::1]:4711')).toBe('2001:db8::1')
  expect(from('127.0.0.1', '2001:db8::1')).toBe('2001:db8::1')
})
