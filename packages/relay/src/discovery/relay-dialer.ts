import { type LookupAddress, lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'

import {
  type ComponentLogger,
  ConnectionFailedError,
  type DialTransportOptions,
  type Listener,
  type Transport,
  transportSymbol,
} from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { webOriginOf } from '@tsugi/protocol'
import { WebSocket } from 'ws'

import { RelayError } from '../relay-error.ts'
import { createWebSocketConnection } from '../websocket/websocket-connection.ts'
import type { DialPermit } from './dial-permit.ts'
import { hostOf } from './relay-name.ts'

/** As the listener's: one frame of the far end gets no more memory than this. */
const maxFrameBytes = 256 * 1_024

/** A libp2p transport that dials other relays' WebSockets, and nothing that {@link DialPermit.mayReach} refuses once it is looked up. */
export function relayDialer(permit: DialPermit): (components: { logger: ComponentLogger }) => Transport {
  return ({ logger }) => ({
    [transportSymbol]: true,
    [Symbol.toStringTag]: '@tsugi/relay-dialer',
    dial: async (address, options) => {
      const socket = await connect(address, permit, options)
      const raw = createWebSocketConnection({
        socket,
        remoteAddr: address,
        direction: 'outbound',
        log: logger.forComponent('tsugi:relay-dialer'),
      })
      return options.upgrader.upgradeOutbound(raw, options)
    },
    createListener(): Listener {
      throw new RelayError('relay/invalid-config', 'This transport dials only.')
    },
    listenFilter: () => [],
    dialFilter: addresses => addresses.filter(each => webOriginOf(String(each)) !== undefined),
  })
}

function connect(
  address: Multiaddr,
  permit: DialPermit,
  { signal }: Pick<DialTransportOptions, 'signal'>,
): Promise<WebSocket> {
  const origin = webOriginOf(String(address))
  const host = hostOf(address)
  if (origin === undefined || host === undefined) throw new ConnectionFailedError(`${String(address)} is no WebSocket.`)
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(origin.replace(/^http/, 'ws'), {
      lookup: checkedLookup(host, permit),
      perMessageDeflate: false,
      maxPayload: maxFrameBytes,
      followRedirects: false,
    })
    const onAbort = (): void => socket.terminate()
    signal.addEventListener('abort', onAbort, { once: true })
    const settle = (): void => {
      signal.removeEventListener('abort', onAbort)
      socket.off('error', onError)
      socket.off('open', onOpen)
    }
    const onOpen = (): void => {
      settle()
      resolve(socket)
    }
    const onError = (error: Error): void => {
      settle()
      // A socket that was ended before it opened tells so once more.
      socket.on('error', () => {})
      reject(new ConnectionFailedError(error.message))
    }
    socket.on('open', onOpen)
    socket.on('error', onError)
    if (signal.aborted) onAbort()
  })
}

/** Looks a name up as the system does, and keeps what may be reached. */
function checkedLookup(host: string, permit: DialPermit): LookupFunction {
  return (name, options, done) => {
    lookup(name, { ...options, all: true }, (error, found: LookupAddress[]) => {
      if (error !== null) {
        done(error, '', 0)
        return
      }
      const reachable = found.filter(each => permit.mayReach(host, each.address))
      const [first] = reachable
      if (first === undefined) done(new Error(`${name} leads to where no stranger may send us.`), '', 0)
      else if (options.all === true) done(null, reachable)
      else done(null, first.address, first.family)
    })
  }
}
