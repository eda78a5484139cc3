import { expect, test } from 'vitest'

import { usableIceServers } from './ice-servers.ts'

const dual = { urls: ['stun:198.51.100.6:3478', 'stun:[2001:db8::2]:3478'] }
const six = { urls: 'stun:[2001:db8::2]:3478' }

test('C8: in Node, a relay with an IPv6 STUN address does not cost the direct line', () => {
  expect(usableIceServers([dual, six], false)).toEqual([{ urls: ['stun:198.51.100.6:3478'] }])
})

test('browsers are given every server as it is', () => {
  expect(usableIceServers([dual, six], true)).toEqual([dual, six])
})
