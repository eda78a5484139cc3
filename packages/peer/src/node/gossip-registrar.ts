import type { GossipSubComponents } from '@libp2p/gossipsub'
import type { Connection, PeerId, Topology } from '@libp2p/interface'

type Registrar = GossipSubComponents['registrar']

/** A registrar for gossipsub that asks before it tells. */
export interface GossipRegistrar {
  readonly registrar: Registrar
  /** Tells gossipsub of a connection as if it had just opened. */
  announce(connection: Connection): void
}

/** Decides what gossipsub hears of. */
export interface GossipRegistrarOptions {
  /** A connection to somebody who speaks gossip has opened; whoever wants gossip on it calls {@link GossipRegistrar.announce}. */
  readonly onConnection: (connection: Connection) => void
  /** Whether gossip with a peer that libp2p takes for gone goes on, over a connection that came up meanwhile. */
  readonly goesOn: (peer: PeerId) => boolean
}

/**
 * Gossipsub opens its stream to a peer on the first connection that it hears of and stays there, also when a better one opens. So it
 * hears of a connection only when somebody has decided that gossip is to run there.
 */
export function createGossipRegistrar(registrar: Registrar, options: GossipRegistrarOptions): GossipRegistrar {
  const topologies = new Map<string, Topology>()
  const proxy: Registrar = new Proxy(registrar, {
    get(target, property) {
      if (property === 'register') {
        return (protocol: string, topology: Topology): Promise<string> => {
          topologies.set(protocol, topology)
          return target.register(protocol, {
            ...topology,
            onConnect: (_, connection) => options.onConnection(connection),
            onDisconnect: peer => (options.goesOn(peer) ? undefined : topology.onDisconnect?.(peer)),
          })
        }
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
