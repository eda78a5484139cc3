import { describe, expect, it } from 'vitest'

import { hostOf, mayDial } from './dial-policy.ts'

const ours = '12D3KooWFDByrvZjnSNpbHcwXXtuUjwwweuZSYLmd9X8qGbbnj98'
const other = '12D3KooWEHervkuySkCwRAuWvA7J5ZeCZFTBCwuySiVVQErxGm3j'
const relays = {
  isConnectedRelay: (peer: string) => peer === ours,
  hasHost: (host: string) => host === '192.168.1.5' || host === 'relay.lan',
}

describe('what may be dialled', () => {
  it.each([
    ['a relay of the user’s, in the same house and without TLS', '/ip4/192.168.1.5/tcp/8080/ws'],
    ['a relay of the user’s by name', '/dns4/relay.lan/tcp/80/ws'],
    [
      'a peer behind a relay that we hold, wherever that says it is',
      `/ip4/127.0.0.1/tcp/1/ws/p2p/${ours}/p2p-circuit/p2p/${other}`,
    ],
    ['a direct line arranged over it', `/ip4/10.0.0.1/tcp/1/ws/p2p/${ours}/p2p-circuit/webrtc/p2p/${other}`],
    [
      'a peer behind another relay with a public name',
      `/dns4/relay.example/tcp/443/wss/p2p/${other}/p2p-circuit/p2p/${ours}`,
    ],
    [
      'a peer behind another relay with a public address',
      `/ip4/93.184.216.34/tcp/443/wss/p2p/${other}/p2p-circuit/p2p/${ours}`,
    ],
  ])('%s may', (_, address) => {
    expect(mayDial(address, relays)).toBe(true)
  })

  it.each([
    ['a stranger’s door in the user’s network', `/ip4/192.168.1.1/tcp/80/ws/p2p/${other}/p2p-circuit/p2p/${ours}`],
    ['this machine', `/ip4/127.0.0.1/tcp/6379/ws/p2p/${other}/p2p-circuit/p2p/${ours}`],
    ['this machine by name', `/dns4/localhost/tcp/80/ws/p2p/${other}/p2p-circuit/p2p/${ours}`],
    ['a name of the user’s network', `/dns4/printer.local/tcp/80/ws/p2p/${other}/p2p-circuit/p2p/${ours}`],
    ['the cloud’s metadata', `/ip4/169.254.169.254/tcp/80/ws/p2p/${other}/p2p-circuit/p2p/${ours}`],
    ['a carrier’s network', `/ip4/100.64.0.1/tcp/80/ws/p2p/${other}/p2p-circuit/p2p/${ours}`],
    ['a unique local address', `/ip6/fd00::1/tcp/80/ws/p2p/${other}/p2p-circuit/p2p/${ours}`],
    ['an IPv4 address in IPv6', `/ip6/::ffff:192.168.1.1/tcp/80/ws/p2p/${other}/p2p-circuit/p2p/${ours}`],
    ['an address without a relay', `/ip4/93.184.216.34/tcp/80/ws/p2p/${other}`],
    ['an address that must be looked up elsewhere', `/dnsaddr/relay.example/p2p/${other}/p2p-circuit/p2p/${ours}`],
  ])('%s may not', (_, address) => {
    expect(mayDial(address, relays)).toBe(false)
  })

  it('knows the host that an address begins with', () => {
    expect(hostOf('/dns4/relay.example/tcp/443/wss')).toBe('relay.example')
    expect(hostOf('/p2p-circuit')).toBeUndefined()
  })
})
