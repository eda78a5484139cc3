import type { Connection } from '@libp2p/interface'

import type { RelayNode } from '../create-node.ts'
import { type TransportName, transportOf } from './transport-name.ts'

/** Connections by one transport. */
export interface TransportFigures {
  /** Open now. */
  readonly connections: number
  /** Opened since the relay started; those that admission refused are not among them. */
  readonly opened: number
}

/** Counts the connections of a node by their transport. The listeners end with the node. */
export function countTransports(
  node: Pick<RelayNode, 'addEventListener'>,
): () => Readonly<Record<TransportName, TransportFigures>> {
  const none: TransportFigures = { connections: 0, opened: 0 }
  const figures: Record<TransportName, TransportFigures> = {
    websocket: none,
    'webrtc-direct': none,
    webtransport: none,
    other: none,
  }
  /** What was counted when it was opened is taken off when it closes. */
  const counted = new WeakMap<Connection, TransportName>()
  node.addEventListener('connection:open', ({ detail }) => {
    const name = transportOf(detail.remoteAddr)
    const { connections, opened } = figures[name]
    counted.set(detail, name)
    figures[name] = { connections: connections + 1, opened: opened + 1 }
  })
  node.addEventListener('connection:close', ({ detail }) => {
    const name = counted.get(detail)
    if (name === undefined) return
    counted.delete(detail)
    figures[name] = { ...figures[name], connections: figures[name].connections - 1 }
  })
  return () => ({ ...figures })
}
