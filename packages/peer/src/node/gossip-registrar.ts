import type { GossipSubComponents } from '@libp2p/gossipsub'
import type { Connection, StreamHandler, StreamHandlerOptions, Topology } from '@libp2p/interface'

type Registrar = GossipSubComponents['registrar']

/** A registrar for gossipsub, and a way to point gossipsub to a connection again. */
export interface GossipRegistrar {
  readonly registrar: Registrar
  /** Tells gossipsub of a connection as if it had just opened. */
  announce(connection: Connection): void
}

/**
 * Gossipsub opens its stream to a peer on the first connection that it hears of and stays there. On a relayed connection it would
 * die with it, also when a direct one stands beside it. So it hears of direct connections only, even where a relay sets no limits
 * (then libp2p takes a relayed connection for any other), and streams that others open on a relayed one are refused.
 */
export function createGossipRegistrar(registrar: Registrar): GossipRegistrar {
  const topologies = new Map<string, Topology>()
  const proxy: Registrar = new Proxy(registrar, {
    get(target, property) {
      if (property === 'register') {
        return (protocol: string, topology: Topology): Promise<string> => {
          const direct: Topology = {
            ...topology,
            onConnect: (peer, connection) => (connection.direct ? topology.onConnect?.(peer, connection) : undefined),
          }
          topologies.set(protocol, direct)
          return target.register(protocol, direct)
        }
      }
      if (property === 'handle') {
        return (protocol: string, handler: StreamHandler, options?: StreamHandlerOptions): Promise<void> =>
          target.handle(protocol, refuseRelayed(handler), options)
      }
      const value: unknown = Reflect.get(target, property, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  return {
    registrar: proxy,
    announce(connection) {
      // All of gossipsub's protocols share one topology; one call opens one stream.
      const [topology] = topologies.values()
      void topology?.onConnect?.(connection.remotePeer, connection)
    },
  }
}

function refuseRelayed(handler: StreamHandler): StreamHandler {
  return (stream, connection) => {
    if (connection.direct) return handler(stream, connection)
    stream.abort(new Error('Gossip runs on direct connections only.'))
    return undefined
  }
}
