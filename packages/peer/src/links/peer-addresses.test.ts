import { describe, expect, it } from 'vitest'

import { addressesOf, addressesToAnnounce, sortAddresses } from './peer-addresses.ts'

const relayA = '12D3KooWFDByrvZjnSNpbHcwXXtuUjwwweuZSYLmd9X8qGbbnj98'
const relayB = '12D3KooWEHervkuySkCwRAuWvA7J5ZeCZFTBCwuySiVVQErxGm3j'
const peer = '12D3KooWF4VJjYXtVWeGUMQQeqFgj6aSRPW447izdknVu7rMeXRq'
const circuit = (host: string, relay: string): string => `${host}/p2p/${relay}/p2p-circuit`

describe('addressesOf', () => {
  it('keeps what leads to the peer, completes what lacks its id, and drops the rest', () => {
    const good = `${circuit('/ip4/1.2.3.4/tcp/1/ws', relayA)}/p2p/${peer}`
    expect(
      addressesOf(peer, [
        good,
        circuit('/ip4/1.2.3.4/tcp/2/ws', relayA),
        'nonsense',
        `${circuit('/ip4/1.2.3.4/tcp/1/ws', relayA)}/p2p/${relayB}`,
      ]),
    ).toEqual([good, `${circuit('/ip4/1.2.3.4/tcp/2/ws', relayA)}/p2p/${peer}`])
  })
})

describe('sortAddresses', () => {
  it('takes one circuit and one direct address for each relay, connected relays first', () => {
    const at = (relay: string, kind: string): string => `${circuit('/ip4/1.2.3.4/tcp/1/ws', relay)}${kind}/p2p/${peer}`
    const again = `${circuit('/ip4/1.2.3.4/tcp/9/ws', relayA)}/p2p/${peer}`
    const sorted = sortAddresses([at(relayA, ''), again, at(relayB, ''), at(relayB, '/webrtc')], id => id === relayB)
    expect(sorted).toEqual({ circuits: [at(relayB, ''), at(relayA, '')], direct: [at(relayB, '/webrtc')] })
  })
})

describe('addressesToAnnounce', () => {
  it('says for each relay how to come by a circuit and directly, public hosts first, at most eight', () => {
    const own = [
      '/ip4/127.0.0.1/tcp/1/ws',
      '/ip4/192.168.0.2/tcp/1/ws',
      '/dns4/relay.example/tcp/443/wss',
      '/ip4/1.2.3.4/tcp/1/ws',
    ].flatMap(host =>
      [relayA, relayB].flatMap(relay => ['', '/webrtc'].map(kind => `${circuit(host, relay)}${kind}/p2p/${peer}`)),
    )
    const announced = addressesToAnnounce([...own, `/ip4/1.2.3.4/tcp/5/p2p/${peer}`])
    expect(announced).toHaveLength(8)
    expect(announced.slice(0, 4)).toEqual(
      [relayA, relayB].flatMap(relay =>
        ['', '/webrtc'].map(kind => `${circuit('/dns4/relay.example/tcp/443/wss', relay)}${kind}/p2p/${peer}`),
      ),
    )
    expect(announced.join()).not.toContain('127.0.0.1')
    expect(addressesToAnnounce([])).toEqual([])
  })
})
