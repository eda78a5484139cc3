import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { type Libp2p, type Transport, serviceCapabilities, transportSymbol } from '@libp2p/interface'
import { memory } from '@libp2p/memory'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { yamux } from '@libp2p/yamux'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { WebSockets } from '@multiformats/multiaddr-matcher'
import { type Limits, resolveLimits } from '@tsugi/protocol'
import { createLibp2p } from 'libp2p'

import type { CircuitEvent } from '../src/circuit/circuit-events.ts'
import { type OwnCircuitService, createOwnCircuitService } from '../src/circuit/own-circuit-service.ts'
import { relayNoise } from '../src/noise/relay-noise.ts'
import { relayYamux } from '../src/yamux/relay-yamux.ts'

/** A relay's circuit service and two stock peers on a network that is nothing but memory: no sockets, so time may be moved by hand. */
export interface MemoryNet {
  readonly circuits: OwnCircuitService
  readonly events: CircuitEvent[]
  /** The relay's address. */
  readonly address: Multiaddr
  /** Holds a reservation at the relay. */
  readonly listener: Libp2p
  readonly caller: Libp2p
  /** The listener's address through the relay. */
  readonly through: Multiaddr
  stop(): Promise<void>
}

let nets = 0

/**
 * The memory transport under addresses that look like WebSockets: the stock client knows circuits only behind addresses of the internet. The
 * relay's is one of TEST-NET-1, so that it counts as dialable by others.
 */
function memoryUnderWebSockets(): (components: Parameters<ReturnType<typeof memory>>[0]) => Transport {
  const make = memory()
  const under = (address: Multiaddr): Multiaddr => {
    const parts = new Map(address.getComponents().map(part => [part.name, part.value]))
    const peer = parts.get('p2p')
    return multiaddr(`/memory/${parts.get('ip4')}-${parts.get('tcp')}${peer === undefined ? '' : `/p2p/${peer}`}`)
  }
  const own = (addresses: Multiaddr[]): Multiaddr[] => addresses.filter(each => WebSockets.exactMatch(each))
  return components => {
    const inner = make(components)
    return {
      [transportSymbol]: true,
      [Symbol.toStringTag]: 'memory-under-websockets',
      [serviceCapabilities]: ['@libp2p/transport'],
      async dial(address, options) {
        const connection = await inner.dial(under(address), options)
        connection.remoteAddr = address
        return connection
      },
      createListener(options) {
        const listener = inner.createListener(options)
        const listen = listener.listen.bind(listener)
        const addresses: Multiaddr[] = []
        return Object.assign(listener, {
          async listen(address: Multiaddr) {
            addresses.push(address)
            await listen(under(address))
          },
          getAddrs: () => addresses,
        })
      },
      listenFilter: own,
      dialFilter: own,
    }
  }
}

const common = { connectionGater: { denyDialMultiaddr: () => false } }

/** How the two peers differ from plain ones. */
interface MemoryNetOptions {
  /** Whether they watch their connections with all that js-libp2p has: yamux's pings and its connection monitor. Default: not. */
  readonly keepsAlive?: boolean
}

/** Starts the three. */
export async function startMemoryNet(
  limits: Partial<Limits> = {},
  { keepsAlive = false }: MemoryNetOptions = {},
): Promise<MemoryNet> {
  nets += 1
  const events: CircuitEvent[] = []
  const circuits = createOwnCircuitService({
    limits: resolveLimits(limits),
    onEvent: event => void events.push(event),
  })
  const relay = await createLibp2p({
    ...common,
    connectionMonitor: { enabled: false },
    addresses: { listen: [`/ip4/192.0.2.1/tcp/${nets}/ws`] },
    transports: [memoryUnderWebSockets()],
    connectionEncrypters: [relayNoise()],
    streamMuxers: [relayYamux({ silenceMs: 15_000 })],
    services: { identify: identify(), circuits: circuits.service as never },
  })
  const address = multiaddr(`/ip4/192.0.2.1/tcp/${nets}/ws/p2p/${relay.peerId.toString()}`)
  const client = (listen: string[]): Promise<Libp2p> =>
    createLibp2p({
      ...common,
      addresses: { listen },
      transports: [memoryUnderWebSockets(), circuitRelayTransport()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux({ enableKeepAlive: keepsAlive })],
      // Time that is moved by hand may outrun an answer.
      connectionMonitor: { enabled: keepsAlive, abortConnectionOnPingFailure: false },
      services: { identify: identify(), ...(keepsAlive && { ping: ping() }) },
    })
  const listener = await client([`${address.toString()}/p2p-circuit`])
  const caller = await client([])
  return {
    circuits,
    events,
    address,
    listener,
    caller,
    through: multiaddr(`${address.toString()}/p2p-circuit/p2p/${listener.peerId.toString()}`),
    async stop() {
      for (const node of [caller, listener, relay]) await node.stop()
    },
  }
}
