import type { Server } from 'node:http'

import type { Limits } from '@tsugi/protocol'
import type { Datastore } from 'interface-datastore'

import type { VerifyGame } from './archive/verified-game.ts'
import type { MemoryReader } from './guard/memory-guard.ts'
import type { RelayEvent } from './relay-events.ts'

/** What {@link createRelay} wants to know. */
export interface RelayConfig {
  /**
   * The HTTP server that also carries the page. It must listen already; its WebSocket upgrades, on any path, become the
   * relay's. The relay neither answers its requests nor closes it.
   */
  readonly httpServer: Server
  /** Where identity and certificates are kept, made when missing. One of `dataDir` and `datastore`; neither keeps nothing. */
  readonly dataDir?: string
  /** An open store instead of a directory; whoever opened it closes it. */
  readonly datastore?: Datastore
  /** WebRTC-direct's UDP port; `0` takes a free one. Default `'off'`. */
  readonly udpPort?: number | 'off'
  /** WebTransport's UDP port; `0` takes a free one. Default `'off'`. Where its native part cannot be loaded, the relay goes on without it. */
  readonly webTransportPort?: number | 'off'
  /** The STUN server's UDP port; `0` takes a free one. Default `'off'`. */
  readonly stunPort?: number | 'off'
  /** Multiaddrs or domains announced instead of the machine's own addresses. */
  readonly announce?: readonly string[]
  /** Addresses and prefixes of reverse proxies whose `X-Forwarded-For` is believed. */
  readonly trustProxy?: readonly string[]
  /** Other relays to mesh with: http(s) URLs, multiaddrs, or `/p2p/<peer id>` for one that comes to us. */
  readonly relays?: readonly string[]
  /**
   * Whether others than those are looked for in the relays' DHT, and believed when they are met where they say they are. Default:
   * when some are named. Without it nothing but `relays` is ever dialled.
   */
  readonly discover?: boolean
  /** Where it stands, in its operator's words, up to 32 characters: peers and relays of the same region are preferred. */
  readonly region?: string
  /** App ids whose topics, reservations and circuits are served; peers that tell none belong to `default`. Default `'any'`. */
  readonly apps?: readonly string[] | 'any'
  /** Checks a game that is published; without it nothing is published here. */
  readonly verifyGame?: VerifyGame
  /** Overrides of the limits of `@tsugi/protocol`. */
  readonly limits?: Partial<Limits>
  /** How the memory of the process is read, for the memory guard; without it there is none. */
  readonly memory?: MemoryReader
  /** Called for everything that happens, beside {@link Relay.events}. */
  readonly onEvent?: (event: RelayEvent) => void
  /** The version in the agent string that peers see. */
  readonly version?: string
}
