import { describe, expect, it } from 'vitest'

import { hostKind } from './host-kind.ts'

describe('hostKind', () => {
  it.each([
    ['93.184.216.34', 'public'],
    ['2606:2800:220:1::1', 'public'],
    ['relay.example', 'public'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.32.0.1', 'public'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['fd00::1', 'private'],
    ['printer.local', 'private'],
    ['printer', 'private'],
    ['::ffff:192.168.1.1', 'private'],
    ['127.0.0.1', 'loopback'],
    ['::1', 'loopback'],
    ['localhost', 'loopback'],
    ['app.localhost', 'loopback'],
    ['169.254.169.254', 'special'],
    ['0.0.0.0', 'special'],
    ['224.0.0.1', 'special'],
    ['fe80::1', 'special'],
    ['::', 'special'],
    ['2002:7f00:1::', 'special'],
    ['2001::1', 'special'],
    ['64:ff9b::7f00:1', 'special'],
  ])('%s is %s', (host, kind) => {
    expect(hostKind(host)).toBe(kind)
  })
})
