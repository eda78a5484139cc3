import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'

import { type DialPermitOptions, createDialPermit } from './dial-permit.ts'

const permit = (options: Partial<DialPermitOptions> = {}) =>
  createDialPermit({
    namedHosts: new Set(['10.0.0.5', 'relay.lan', '169.254.1.1']),
    discovers: true,
    ownAddresses: () => ['/ip4/93.184.216.34/tcp/443/ws', '/ip4/10.0.0.1/tcp/443/ws'],
    now: () => 0,
    ...options,
  })
const at = (host: string) => multiaddr(`/${/^[\d.]+$/.test(host) ? 'ip4' : 'dns4'}/${host}/tcp/80/ws`)

describe('what a relay dials', () => {
  it.each(['10.0.0.5', 'relay.lan', '169.254.1.1', '93.184.216.35', 'relay.example'])('%s may be', host => {
    expect(permit().mayDial(at(host))).toBe(true)
  })

  it.each(['10.0.0.6', '127.0.0.1', 'localhost', 'printer.local', '169.254.169.254', '0.0.0.0'])(
    '%s may not be on a stranger’s word [B7]',
    host => {
      expect(permit().mayDial(at(host))).toBe(false)
    },
  )

  it('nothing but what was named is dialled by a relay that discovers none', () => {
    expect(permit({ discovers: false }).mayDial(at('93.184.216.35'))).toBe(false)
    expect(permit({ discovers: false }).mayDial(at('10.0.0.5'))).toBe(true)
  })

  it('a relay of a house’s network finds its neighbours there, and still not what listens on this machine', () => {
    const ownAddresses = () => ['/ip4/192.168.1.2/tcp/1/ws', '/ip4/127.0.0.1/tcp/1/ws']
    const inHouse = permit({ ownAddresses })
    const amongPublicOnes = permit({ ownAddresses, namedHosts: new Set(['relay.example']) })
    expect(amongPublicOnes.mayDial(at('192.168.1.9'))).toBe(false)
    expect(inHouse.mayDial(at('192.168.1.9'))).toBe(true)
    expect(inHouse.mayDial(at('127.0.0.1'))).toBe(false)
  })

  it('a relay on loopback finds others there', () => {
    const onLoopback = permit({ ownAddresses: () => ['/ip4/127.0.0.1/tcp/1/ws'], namedHosts: new Set() })
    expect(onLoopback.mayDial(at('127.0.0.1'))).toBe(true)
    expect(onLoopback.mayDial(at('169.254.169.254'))).toBe(false)
  })

  it('a public name that leads inside is not followed, unless the operator named it', () => {
    expect(permit().mayReach('relay.example', '93.184.216.34')).toBe(true)
    expect(permit().mayReach('relay.example', '169.254.169.254')).toBe(false)
    expect(permit().mayReach('relay.example', '127.0.0.1')).toBe(false)
    expect(permit().mayReach('relay.lan', '192.168.1.4')).toBe(true)
  })

  it('a stranger’s addresses are dialled at a rate; named ones always', () => {
    const one = permit()
    const dialled = Array.from({ length: 100 }, (_, index) => one.mayDial(at(`93.184.216.${index}`)))
    expect(dialled.filter(Boolean)).toHaveLength(60)
    expect(one.mayDial(at('10.0.0.5'))).toBe(true)
  })

  it('what has no host is not dialled', () => {
    expect(permit().mayDial(multiaddr('/p2p-circuit'))).toBe(false)
  })
})
